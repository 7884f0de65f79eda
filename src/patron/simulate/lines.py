"""Order lines as columns of numbers, before they become a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np
import numpy.typing as npt

from patron.simulate.streams import Ints

KINDS = ("sale", "return", "discount", "charge")
SALE, RETURN, DISCOUNT, CHARGE = range(4)
NO_ORDER = -1


@dataclass(frozen=True)
class Lines:
    """One entry per line. An order's id is even; the id of its credit note is the next number."""

    order_id: Ints
    at: Ints
    customer: Ints
    country: Ints
    article: Ints
    quantity: Ints
    price: Ints
    kind: Ints
    returned_order_id: Ints

    def __len__(self) -> int:
        return len(self.order_id)

    def take(self, which: npt.NDArray[np.generic]) -> Self:
        """Return the lines that an index or a mask names."""
        return type(self)(**{f.name: getattr(self, f.name)[which] for f in fields(self)})

    def in_time_order(self, since: int) -> Self:
        """Sort by time, then order, keeping the given order within it; `since` is no later than the first line."""
        return self.take(np.argsort((self.at - since) << 40 | self.order_id, kind="stable"))

    def number_within_order(self) -> Ints:
        """Number each line within its order, from 1; the lines must be in time order."""
        place = np.arange(len(self))
        is_first = np.diff(self.order_id, prepend=NO_ORDER) != 0
        return place - np.maximum.accumulate(np.where(is_first, place, 0)) + 1


def join_lines(parts: Sequence[Lines]) -> Lines:
    """Return the lines of all parts, one part after the other."""
    return Lines(**{f.name: np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Lines)})


def make_no_lines() -> Lines:
    return Lines(**{f.name: np.arange(0) for f in fields(Lines)})
