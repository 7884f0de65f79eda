"""The user's files as tables: those with the same columns and like names are one."""

from __future__ import annotations

import fnmatch
import glob
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import pyarrow as pa

from patron.examples.first_mapping.documents import open_documents
from patron.examples.first_mapping.words import guess_kind, is_refused, score, split_words
from patron.ingest.profile.sample import Sample, list_data_files, try_sample
from patron.ingest.profile.values import Values

SAMPLE_ROWS = 300_000
"""Rows of a table that are read: enough that ids of one file are found in another."""

_FEWEST_ROWS = 500


@dataclass
class Table:
    """One source to be: files with the same columns.

    name: of the source. patterns: that match its files and no others. columns: name -> values of a sample of rows.
    is_whole: whether the sample is all rows. hint: the entity that the files' name speaks of, if any. explode: the
    list whose elements are the rows, if they are.
    """

    name: str
    patterns: tuple[str, ...]
    columns: dict[str, Values]
    rows: int
    is_whole: bool
    hint: str | None
    explode: str | None = None
    used: set[str] = field(default_factory=set)

    def find(self, meaning: str, *, exclude: Iterable[str] = ()) -> str | None:
        """Return the column whose header fits a meaning best, of those whose values can have it."""
        excluded = set(exclude)
        return next((name for name in self.list_fitting(meaning) if name not in excluded), None)

    def list_fitting(self, meaning: str) -> list[str]:
        """List the columns that may have a meaning, the likeliest first."""
        scored = [(score(name, meaning), name) for name, values in self.columns.items() if can_mean(values, meaning)]
        fitting = [name for points, name in sorted(scored, key=lambda pair: -pair[0]) if points > 0]
        if fitting or meaning != "ordered_at":
            return fitting
        times = [name for name, values in self.columns.items() if can_mean(values, meaning)]
        return times if len(times) == 1 and not is_refused(times[0], meaning) else []


_TIMES = {"ordered_at", "paid_at", "reviewed_at", "refunded_at", "updated_at", "signed_up_at", "birth_date"}
_NUMBERS = {
    "quantity", "unit_price", "line_total", "order_total", "discount", "tax", "shipping", "tip", "gift_card", "refund",
    "cost", "profit", "payment_amount", "rating", "exchange_rate", "list_price", "age_years",
}  # fmt: skip


def can_mean(values: Values, meaning: str) -> bool:
    """Return whether a column's values can have a meaning; a column without values can have none."""
    if not values.texts or values.is_nested:
        return False
    if meaning in _TIMES:
        return values.times is not None
    if meaning.endswith(("_id", "_name")) and values.holds_truth:
        return False
    if meaning in _NUMBERS:
        return values.numbers is not None
    if meaning == "clock":
        return values.is_clock
    if meaning == "email":
        return _share(values, "@") > 0.5
    if meaning == "currency":
        return all(re.fullmatch(r"[A-Za-z]{3}", text) for text in values.text_set)
    if meaning in (
        "customer_name",
        "first_name",
        "last_name",
        "store_name",
        "staff_name",
        "product_name",
        "review_text",
    ):
        return values.numbers is None
    if meaning.endswith("_id"):
        has_decimals = values.numbers is not None and values.numbers.decimals > 0
        return not has_decimals and values.times is None
    return True


def _share(values: Values, sign: str) -> float:
    return sum(sign in text for text in values.texts) / len(values.texts)


def read_tables(data: Path) -> tuple[list[Table], dict[str, str]]:
    """Read a sample of every file; return the tables, and for files that cannot be read, why."""
    root = data if data.is_dir() else data.parent
    files = list_data_files(data)
    rows = max(_FEWEST_ROWS, SAMPLE_ROWS * 10 // max(len(files), 10))
    skipped, families = dict[str, str](), defaultdict[tuple[object, ...], list[Sample]](list)
    for file in files:
        sample = try_sample(file, root, rows)
        if isinstance(sample, str):
            skipped[file.relative_to(root).as_posix()] = sample
        elif not sample.columns:
            skipped[sample.display_name] = "the file is empty"
        else:
            headers = tuple(name.casefold() for name in sample.columns)
            families[headers, _make_skeleton(sample.display_name)].append(sample)
    everything = [sample.display_name for family in families.values() for sample in family]
    tables, names = [], set[str]()
    for family in families.values():
        table = _make_table(family, everything, names)
        names.add(table.name)
        tables.append(table)
    return tables, skipped


def _make_skeleton(name: str) -> str:
    """Make of a file's name what it has in common with its like: its folder is not, and neither are digits."""
    stem = PurePosixPath(name).name.casefold()
    stem = re.sub(r"\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b", "", re.sub(r"_", " ", stem))
    return re.sub(r"[^a-z.]+", "", re.sub(r"\d+", "", stem))


def _make_table(family: list[Sample], everything: list[str], taken: set[str]) -> Table:
    first = family[0]
    joined = {
        name: _join([list(sample.columns.values())[place] for sample in family])
        for place, name in enumerate(first.columns)
    }
    opened, explode = open_documents(joined)
    columns = {name: Values(name, column) for name, column in opened.items()}
    names = [sample.display_name for sample in family]
    rows = len(next(iter(opened.values()))) if opened else 0
    is_whole = all(sample.is_whole for sample in family)
    stem = PurePosixPath(first.display_name).name.partition(".")[0]
    name, patterns = _name_source(stem, taken), _make_patterns(names, everything)
    return Table(name, patterns, columns, rows, is_whole, guess_kind(stem), explode)


def _join(parts: list[pa.ChunkedArray]) -> pa.ChunkedArray:
    if len({part.type for part in parts}) > 1:
        parts = [part.cast(pa.string()) for part in parts]
    return pa.chunked_array([chunk for part in parts for chunk in part.chunks], type=parts[0].type)


def _name_source(stem: str, taken: set[str]) -> str:
    words = [word for word in split_words(stem).split() if not word.isdigit() and word not in ("%", "#")]
    name = "_".join(words) or "files"
    name = (name if name[0].isalpha() else f"files_{name}")[:60]
    number = 2
    while name in taken:
        name, number = f"{name.rstrip('0123456789')}{number}", number + 1
    return name


def _make_patterns(names: list[str], everything: list[str]) -> tuple[str, ...]:
    """Make patterns that match a family and no other file; its names themselves, where there is no such pattern."""
    pattern = _make_glob(names)
    others = set(everything) - set(names)
    matches_others = any(fnmatch.fnmatchcase(PurePosixPath(name).name, PurePosixPath(pattern).name) for name in others)
    return tuple(names) if matches_others else (pattern,)


def _make_glob(names: list[str]) -> str:
    paths = [PurePosixPath(name) for name in names]
    folders = {path.parent.as_posix() for path in paths}
    folder = "" if folders == {"."} else f"{next(iter(folders))}/" if len(folders) == 1 else "**/"
    if len(paths) == 1:
        return f"{folder}{_leave_numbers_open(paths[0].name)}"
    stems = [path.name for path in paths]
    prefix = _find_common(stems)
    suffix = _find_common([stem[len(prefix) :][::-1] for stem in stems])[::-1]
    prefix, suffix = re.sub(r"\d[\d_-]*$", "", prefix), re.sub(r"^[\d_-]*\d", "", suffix)
    return f"{folder}{glob.escape(prefix)}*{glob.escape(suffix)}"


def _leave_numbers_open(name: str) -> str:
    """Let the next export match, too: `orders_export_1.csv` is one of `orders_export_*.csv`."""
    stem, dot, ending = name.partition(".")
    opened = re.sub(r"\d[\d_-]*", "*", stem)
    has_words = re.search(r"[A-Za-z]{3}", opened) is not None
    return f"{opened}{dot}{ending}" if has_words and opened.count("*") == 1 else name


def _find_common(texts: list[str]) -> str:
    shortest = min(texts, key=len)
    for length, char in enumerate(shortest):
        if any(text[length] != char for text in texts):
            return shortest[:length]
    return shortest
