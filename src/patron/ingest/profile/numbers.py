"""Recognises how the numbers of a column are written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from patron.ingest.number_formats import CURRENCY_SIGNS, NUMBER_FORMATS

ENOUGH = 0.95
"""The share of a column's values that a format must fit, so that the others are errors of the data."""

_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_THOUSANDS_OR_DECIMALS = re.compile(r"[+-]?\d{1,3}\.\d{3}")


@dataclass(frozen=True)
class NumberReading:
    """How a column's numbers are written, and what they are.

    format: a sample such as `1,234.50`; None for plain numbers. values: one for each distinct text, NaN where it does
    not fit. other: a second format that fits as well and gives other numbers. decimals: the most decimal places.
    sign: the currency sign, if there is one. is_percent: whether the texts end in %.
    """

    format: str | None
    values: NDArray[np.float64]
    other: str | None = None
    decimals: int = 0
    sign: str = ""
    is_percent: bool = False


def read_numbers(texts: Sequence[str], counts: NDArray[np.int64]) -> NumberReading | None:
    """Recognise the format of distinct texts, each with its count; None where they are not numbers."""
    if not texts:
        return None
    plain = np.array([float(text) if _PLAIN.fullmatch(text) else np.nan for text in texts])
    if _fits(plain, counts):
        dotted = [text for text in texts if "." in text]
        other = "1.234,50" if dotted and all(map(_THOUSANDS_OR_DECIMALS.fullmatch, dotted)) else None
        return NumberReading(None, plain, other, _count_decimals(texts, "."))
    is_percent = sum(text.endswith("%") for text in texts) >= ENOUGH * len(texts)
    bare = [text.rstrip("% ") for text in texts] if is_percent else texts
    sign = next((sign for text in bare[:200] for sign in CURRENCY_SIGNS.strip() if sign in text), "")
    readings = [(fmt, _read(bare, fmt)) for fmt in _order_formats(bare)]
    fitting = [(fmt, values) for fmt, values in readings if _fits(values, counts)]
    if not fitting:
        return None
    best, values = max(fitting, key=lambda pair: int(counts[~np.isnan(pair[1])].sum()))
    others = [fmt for fmt, found in fitting if not np.array_equal(found, values, equal_nan=True)]
    covers_as_much = [fmt for fmt in others if _covers(dict(fitting)[fmt], values)]
    decimals = _count_decimals(bare, NUMBER_FORMATS[best][1])
    return NumberReading(best, values, next(iter(covers_as_much), None), decimals, sign, is_percent)


def _order_formats(texts: Sequence[str]) -> list[str]:
    """Order formats: first those whose thousands separator is there, then others that have one, for larger numbers."""
    seen = {char for text in texts for char in text}
    return sorted(NUMBER_FORMATS, key=lambda fmt: (NUMBER_FORMATS[fmt][0] not in seen, not NUMBER_FORMATS[fmt][0]))


def _fits(values: NDArray[np.float64], counts: NDArray[np.int64]) -> bool:
    return bool(counts[~np.isnan(values)].sum() >= ENOUGH * counts.sum())


def _covers(one: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    return bool((~np.isnan(one)).sum() >= (~np.isnan(other)).sum())


def _read(texts: Sequence[str], fmt: str) -> NDArray[np.float64]:
    thousands, decimal = NUMBER_FORMATS[fmt]
    group = rf"\d{{1,3}}(?:[{thousands}]\d{{3}})+|\d+" if thousands else r"\d+"
    shape = re.compile(rf"([+-]?)({group})((?:[{decimal}]\d*)?)( ?-)?")
    return np.array([_read_one(text, shape, thousands, decimal) for text in texts])


def _read_one(text: str, shape: re.Pattern[str], thousands: str, decimal: str) -> float:
    bare = text
    for sign in CURRENCY_SIGNS.replace(thousands, "") if thousands else CURRENCY_SIGNS:
        bare = bare.replace(sign, "")
    bare = bare.strip()
    is_accounting = bare.startswith("(") and bare.endswith(")")
    match = shape.fullmatch(bare[1:-1] if is_accounting else bare)
    if match is None or bool(match[1]) + bool(match[4]) + is_accounting > 1:
        return float("nan")
    number = float(match[2].replace(thousands, "") + match[3].replace(decimal, "."))
    return -number if match[1] == "-" or match[4] or is_accounting else number


def _count_decimals(texts: Sequence[str], decimal: str) -> int:
    found = (re.search(re.escape(decimal) + r"(\d+)", text) for text in texts)
    return max((len(match[1].rstrip("0")) for match in found if match), default=0)
