"""Column names that Delta, Parquet and Spark all take; and finding a column by what a person wrote."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable

from patron.errors import SourceError, did_you_mean
from patron.lake import TECHNICAL_COLUMNS
from patron.lake.folded_names import fold_name

_ILLEGAL = re.compile(r"[ ,;{}()\n\t=]+")
_PART = re.compile(r'(?:^|\.)(?:"((?:[^"]|"")*)"|([^."]+))')


def make_column_names(header: Iterable[str]) -> list[str]:
    """Legal, distinct names for a header, in its order.

    Accents are parts of their characters. Blanks at the ends go; each run of ` ,;{}()=`, tabs and line breaks becomes
    `_`; an empty name becomes `column_<n>`; a name that is there already, in whatever case, gets `_2`, `_3`.
    """
    taken = {name.casefold() for name in TECHNICAL_COLUMNS}
    last = dict[str, int]()
    names = []
    for number, text in enumerate(header, start=1):
        legal = _ILLEGAL.sub("_", unicodedata.normalize("NFC", text.strip()))
        name = _make_distinct(legal or f"column_{number}", taken, last)
        taken.add(name.casefold())
        names.append(name)
    return names


def _make_distinct(name: str, taken: set[str], last: dict[str, int]) -> str:
    """Add the first free number. last: the one that each name got last, so that a thousand equal names are quick."""
    folded = name.casefold()
    distinct, number = name, last.get(folded, 1)
    while distinct.casefold() in taken:
        number += 1
        distinct = f"{name}_{number}"
    last[folded] = number
    return distinct


def split_nested(name: str) -> tuple[str, ...]:
    """Split the name of a value inside a column, such as `customer.email`; a key with a dot stands in quotes."""
    parts = [quoted.replace('""', '"') or plain for quoted, plain in _PART.findall(name)]
    return tuple(parts) if len(parts) > 1 and join_nested(parts) == name else (name,)


def join_nested(parts: Iterable[str]) -> str:
    """Write the keys that lead to a value as one name, as `split_nested` reads it."""
    quoted = (part.replace('"', '""') for part in parts)
    return ".".join(part if part and not {".", '"'} & set(part) else f'"{part}"' for part in quoted)


def check_required(required: Collection[str], header: list[str], where: str, thing: str = "file") -> None:
    """See that a file (or a table) has every column that is needed, under its own spelling or the lake's.

    Raises SourceError naming the first one missing, the nearest spelling, and the columns there are.
    """
    missing = next(iter(find_missing_columns(required, header)), None)
    if missing is None:
        return
    mend = "or the file's header; if the column may be missing, map it"
    if thing == "table":
        mend = "or restore the column in the table; if it may be missing, map it"
    do = f"fix the mapping in patron.yaml, {mend} as {{expression: ..., optional: true}}"
    if any(name != missing and _drop_path(name) == missing for name in required):
        do = f"{do}; if {missing} is another source, name it under `lookups`"
    raise SourceError(
        f"the {thing} has no column {missing!r}, which the mapping reads; it has {', '.join(header)}",
        where=where,
        do=did_you_mean(missing, (name.strip() for name in header), do),
    )


def find_missing_columns(wanted: Iterable[str], header: list[str]) -> list[str]:
    """Those of some columns that a file has neither under its own spelling nor under the lake's.

    Of a value inside a column, such as `customer.email`, the file must have the column.
    """
    known = {_key(name) for name in [*header, *make_column_names(header)]}
    missing = (name for name in wanted if _key(name) not in known)
    return list(dict.fromkeys(name for name in map(_drop_path, missing) if _key(name) not in known))


def _drop_path(name: str) -> str:
    """The column in which a nested value lies."""
    return split_nested(name)[0]


def _key(name: str) -> str:
    return fold_name(_ILLEGAL.sub("_", name.strip()))
