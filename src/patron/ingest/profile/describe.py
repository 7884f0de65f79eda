"""Describes the columns of a table: types, blanks, distinct values, ranges, keys, formats, and what is odd."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from patron.ingest.profile.numbers import NumberReading
from patron.ingest.profile.values import Values

_PERSONAL_WORDS = re.compile(
    r"e-?mail|phone|telef|mobil|name|surname|street|strasse|address|adresse|birth|geburt|iban|passport|ssn",
    re.IGNORECASE,
)
_NOT_PERSONAL = re.compile(r"product|item|article|artikel|store|shop|category|file|brand|company", re.IGNORECASE)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE = re.compile(r"\+?\d[\d ()/.-]{7,}\d")
_MONEY_WORDS = re.compile(
    r"price|amount|total|cost|sales|preis|betrag|prix|montant|precio|importe|prezzo|cena", re.IGNORECASE
)
_MOST_EXAMPLES = 3
_MOST_VALUES_OF_A_CODE = 12
MASKED = "***"
"""Stands for values that look personal."""


@dataclass(frozen=True)
class ColumnProfile:
    """What one column holds.

    type: as it lands. holds: what its values are: text, whole numbers, numbers, amounts, times, days, times of day,
    truth values, e-mail addresses, lists or records, nothing. rows, nulls, distinct: counts. least, greatest: of
    numbers and times. formats: how numbers or times are written. is_key: whether each row has a value of its own.
    is_personal: whether examples are masked. examples: a few values, the commonest first. anomalies: what is odd.
    """

    name: str
    type: str
    holds: str
    rows: int
    nulls: int
    distinct: int
    least: str | None
    greatest: str | None
    formats: tuple[str, ...]
    is_key: bool
    is_personal: bool
    examples: tuple[str, ...]
    anomalies: tuple[str, ...]


@dataclass(frozen=True)
class TableProfile:
    """What a table holds. rows: that were read; is_whole: whether these are all. duplicates: rows equal to another."""

    name: str
    rows: int
    is_whole: bool
    rejected: int
    duplicates: int
    columns: tuple[ColumnProfile, ...]

    @property
    def keys(self) -> list[str]:
        """Columns that tell the rows apart."""
        return [column.name for column in self.columns if column.is_key]


def describe_table(
    name: str,
    columns: Mapping[str, pa.ChunkedArray],
    *,
    today: dt.date,
    is_whole: bool = True,
    rejected: int = 0,
) -> TableProfile:
    """Describe every column of a table. today: the day after which times are in the future."""
    values = [Values(header, column) for header, column in columns.items()]
    rows = len(values[0]) if values else 0
    described = tuple(describe_column(one, today) for one in values)
    return TableProfile(name, rows, is_whole, rejected, _count_duplicates(values), described)


def describe_column(values: Values, today: dt.date) -> ColumnProfile:
    """Describe one column."""
    holds = _find_content(values)
    least, greatest = _find_range(values, holds)
    is_personal = _is_personal(values, holds)
    return ColumnProfile(
        name=values.name,
        type=str(values.type),
        holds=holds,
        rows=len(values),
        nulls=len(values) - values.present,
        distinct=len(values.texts),
        least=MASKED if is_personal and least else least,
        greatest=MASKED if is_personal and greatest else greatest,
        formats=_list_formats(values, holds),
        is_key=values.is_unique and holds in ("text", "whole numbers", "e-mail addresses"),
        is_personal=is_personal,
        examples=_list_examples(values, is_personal),
        anomalies=tuple(_list_anomalies(values, holds, today)),
    )


def _find_content(values: Values) -> str:
    if values.is_nested:
        return "lists or records"
    if not values.texts:
        return "nothing"
    if values.times is not None and not (values.numbers and not values.times.formats):
        return "times" if values.times.has_clock else "days"
    if values.is_clock:
        return "times of day"
    if values.numbers is not None:
        return _name_numbers(values, values.numbers)
    if _share(values, _EMAIL) > 0.8:
        return "e-mail addresses"
    return "truth values" if values.holds_truth else "text"


def _name_numbers(values: Values, numbers: NumberReading) -> str:
    if numbers.sign or (numbers.decimals <= 2 and _MONEY_WORDS.search(values.name)):
        return "amounts"
    return "numbers" if numbers.decimals else "whole numbers"


def _share(values: Values, pattern: re.Pattern[str]) -> float:
    return sum(bool(pattern.fullmatch(text)) for text in values.texts) / len(values.texts)


def _is_personal(values: Values, holds: str) -> bool:
    """Whether values look like those of people; in doubt, they do."""
    if holds == "e-mail addresses" or (values.texts and holds == "text" and _share(values, _EMAIL) > 0.05):
        return True
    named = _PERSONAL_WORDS.search(values.name) is not None and _NOT_PERSONAL.search(values.name) is None
    if named and holds in ("text", "days", "times", "whole numbers"):
        return True
    is_phone = holds in ("text", "numbers", "whole numbers") and _share(values, _PHONE) > 0.8
    return bool(is_phone and any(text.startswith("+") or " " in text for text in values.texts[:50]))


def _find_range(values: Values, holds: str) -> tuple[str | None, str | None]:
    if holds in ("times", "days"):
        known = values.days[~np.isnan(values.days)]
        if len(known) and values.times is not None and not values.times.is_ambiguous:
            return tuple(dt.date.fromordinal(int(day)).isoformat() for day in (known.min(), known.max()))  # type: ignore[return-value]
    if holds in ("amounts", "numbers", "whole numbers"):
        known = values.floats[~np.isnan(values.floats)]
        if len(known):
            return f"{known.min():.10g}", f"{known.max():.10g}"
    return None, None


def _list_formats(values: Values, holds: str) -> tuple[str, ...]:
    if holds in ("times", "days") and values.times is not None:
        if values.times.is_ambiguous:
            return (*values.times.formats, *values.times.month_first())
        return values.times.formats or ("ISO",)
    if values.numbers is not None and holds in ("amounts", "numbers", "whole numbers"):
        read = [fmt for fmt in (values.numbers.format, values.numbers.other) if fmt]
        return tuple(read)
    return ()


def _list_examples(values: Values, is_personal: bool) -> tuple[str, ...]:
    if is_personal and values.texts:
        return (MASKED,)
    commonest = np.argsort(-values.counts, kind="stable")[:_MOST_EXAMPLES]
    return tuple(_shorten(values.texts[place]) for place in commonest)


def _shorten(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= 40 else f"{plain[:37]}..."


def _list_anomalies(values: Values, holds: str, today: dt.date) -> list[str]:
    """List what is odd about a column, each with the number of rows; personal values are not repeated."""
    found = []
    if values.null_words:
        words = ", ".join(repr(word) for word in values.null_words)
        found.append(f"{sum(values.null_words.values()):,} x missing written as {words}")
    if values.padded:
        found.append(f"{values.padded:,} x blanks at the ends")
    odd = _count_odd(values, holds)
    if odd:
        found.append(f"{odd:,} x not {holds} like the others")
    if holds in ("times", "days"):
        found += _list_odd_times(values, today)
    if holds == "amounts" or (holds in ("numbers", "whole numbers") and _MONEY_WORDS.search(values.name)):
        negative = int((values.floats < 0).sum())
        found += [f"{negative:,} x below zero"] if negative else []
    if values.numbers is not None and values.numbers.other and holds in ("amounts", "numbers", "whole numbers"):
        found.append(f"the separator may also be read as in {values.numbers.other}")
    if holds == "text" and (spellings := _count_spellings(values)):
        found.append(f"{spellings:,} x the same text in another case")
    return found


def _count_odd(values: Values, holds: str) -> int:
    """Count the rows that do not fit what most values are, words for nothing aside."""
    if holds in ("times", "days"):
        by_row = values.days
    elif holds in ("amounts", "numbers", "whole numbers"):
        by_row = values.floats
    else:
        return 0
    missing = sum(values.null_words.values())
    return max(0, int((np.isnan(by_row) & (values.codes >= 0)).sum()) - missing)


def _list_odd_times(values: Values, today: dt.date) -> list[str]:
    assert values.times is not None
    if values.times.is_ambiguous:
        return ["day or month may come first"]
    found, known = [], values.days[~np.isnan(values.days)]
    future, old = int((known > today.toordinal()).sum()), int((known < dt.date(1900, 1, 1).toordinal()).sum())
    found += [f"{future:,} x in the future"] if future else []
    found += [f"{old:,} x before 1900"] if old else []
    if len(values.times.formats) > 1:
        found.append(f"{len(values.times.formats)} formats")
    return found


def _count_spellings(values: Values) -> int:
    """Count the rows whose text stands elsewhere in another case, in columns of few values."""
    if len(values.texts) > 50 * _MOST_VALUES_OF_A_CODE:
        return 0
    by_key: dict[str, list[int]] = {}
    for text, count in zip(values.texts, values.counts, strict=True):
        by_key.setdefault(text.casefold(), []).append(int(count))
    return sum(sum(counts) - max(counts) for counts in by_key.values())


def _count_duplicates(values: list[Values]) -> int:
    """Count the rows that equal an earlier one in every column."""
    if not values or not len(values[0]):
        return 0
    codes = np.column_stack([one.codes for one in values])
    return len(codes) - len(np.unique(codes, axis=0))
