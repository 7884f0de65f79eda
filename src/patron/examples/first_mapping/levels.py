"""Whether a value belongs to a line or to its whole order: by how it repeats on the order's lines."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from patron.examples.first_mapping.words import split_words
from patron.ingest.profile.values import Values

Level = Literal["line", "order", "unknown"]

_ENOUGH = 0.95
_NEARLY_ALL = 0.98
_FEW = 0.5
"""The share of orders with one value on all lines, below which these are chance."""
_FEWEST_ORDERS = 3
_ORDER_WORDS = {"order", "cart", "basket", "invoice", "receipt", "total", "grand"}
_LINE_WORDS = {"line", "lineitem", "item", "unit", "product", "each", "retail"}


class Lines:
    """The rows of a table by their order. codes: the order of each row."""

    def __init__(self, codes: NDArray[np.int64]) -> None:
        self.codes = np.unique(codes, return_inverse=True)[1].astype(np.int64)
        self.count = int(self.codes.max()) + 1 if len(self.codes) else 0
        sizes = np.bincount(self.codes, minlength=self.count)
        self.has_several = sizes[self.codes] > 1
        first = np.full(self.count, len(self.codes), dtype=np.int64)
        np.minimum.at(first, self.codes, np.arange(len(self.codes)))
        self.first_rows = first
        self.is_first = first[self.codes] == np.arange(len(self.codes))

    def add_up(self, by_row: NDArray[np.float64]) -> NDArray[np.float64]:
        """Add up a value over the lines of each order; a missing one is nothing."""
        return np.bincount(self.codes, weights=np.nan_to_num(by_row), minlength=self.count).astype(np.float64)

    def take_once(self, by_row: NDArray[np.float64]) -> NDArray[np.float64]:
        """Take a value of each order from the first of its lines that has one; 0 if none has."""
        found = np.zeros(self.count)
        rows = np.flatnonzero(~np.isnan(by_row))[::-1]
        found[self.codes[rows]] = by_row[rows]
        return found

    def is_on_first_rows(self, values: Values) -> bool:
        """Whether a column has values on the first row of an order only, and blanks on the others."""
        others = self.has_several & ~self.is_first
        firsts = self.has_several & self.is_first
        blank = values.codes < 0
        if not others.any() or not (~blank[firsts]).any():
            return False
        is_rare_later = (~blank[others]).sum() <= (1 - _ENOUGH) * others.sum()
        return bool(is_rare_later and (~blank[firsts]).sum() > (~blank[others]).sum())


def find_level(name: str, values: Values, lines: Lines) -> Level:
    """Find whether numbers are of lines or of whole orders; unknown, where few orders tell and the header does not."""
    if lines.is_on_first_rows(values):
        return "order"
    repeated, differing = _count_repeated(values.floats, lines)
    if differing and repeated < _FEW * (repeated + differing):
        return "line"
    if repeated >= _FEWEST_ORDERS:
        return "order" if repeated >= _NEARLY_ALL * (repeated + differing) else "unknown"
    words = set(split_words(name).split())
    if words & _LINE_WORDS:
        return "line"
    if words & _ORDER_WORDS:
        return "order"
    if not lines.has_several.any():
        return "order"  # the same, as long as an order has one line
    return "unknown" if repeated else "line"


def _count_repeated(by_row: NDArray[np.float64], lines: Lines) -> tuple[int, int]:
    """Count the orders of several lines with one value, not 0, on all of them; and those whose lines differ."""
    rows = lines.has_several
    codes, amounts = lines.codes[rows], np.nan_to_num(by_row[rows])
    least, most = np.full(lines.count, np.inf), np.full(lines.count, -np.inf)
    np.minimum.at(least, codes, amounts)
    np.maximum.at(most, codes, amounts)
    several = np.isfinite(least)
    return int((several & (least == most) & (least != 0)).sum()), int((several & (least != most)).sum())
