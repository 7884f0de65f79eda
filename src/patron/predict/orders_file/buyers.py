"""Counts each customer's purchase days, and sums their spend."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from patron.predict.orders_file.refunds import find_refunded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy.typing as npt

    from patron.predict.orders_file.packing import Packing

    Ints = npt.NDArray[np.int64]
    Shorts = npt.NDArray[np.int32]

_ROWS = 1 << 21


@dataclass(frozen=True)
class Buyers:
    """Arrays with one entry per customer, in the order of their codes.

    purchase_days: days with an amount above 0 that was not refunded in full. first_day, last_day: the first and last of
    these, counted from the first day of all. spent, refunded: sums of amounts above and below 0, in units.
    """

    code: Ints
    purchase_days: Shorts
    first_day: Shorts
    last_day: Shorts
    spent: Ints
    refunded: Ints

    @classmethod
    def of(cls, rows: Ints, packing: Packing, threads: int) -> Buyers:
        """Build from packed orders, ascending. Customers who never bought have 0 purchase days."""
        with ThreadPoolExecutor(threads) as pool:
            return cls.concatenate(
                pool.map(lambda piece: _count_purchases(rows[piece], packing), _iterate_pieces(rows, packing))
            )

    @classmethod
    def concatenate(cls, parts: Iterable[Buyers]) -> Buyers:
        """Concatenate several parts."""
        columns = zip(*([getattr(part, name.name) for name in fields(cls)] for part in parts), strict=True)
        return cls(*(np.concatenate(column) for column in columns))

    def filter(self, is_kept: npt.NDArray[np.bool_]) -> Buyers:
        """Keep the customers where `is_kept` is true, shape (customers,)."""
        return Buyers(*(getattr(self, name.name)[is_kept] for name in fields(self)))


def _iterate_pieces(rows: Ints, packing: Packing) -> Iterator[slice]:
    """Cut the rows into pieces between customers."""
    start = 0
    while start < len(rows):
        end = start + _ROWS
        if end >= len(rows):
            end = len(rows)
        else:
            after = ((int(rows[end]) >> packing.customer_shift) + 1) << packing.customer_shift
            end = int(np.searchsorted(rows, after))
        yield slice(start, end)
        start = end


def _count_purchases(rows: Ints, packing: Packing) -> Buyers:
    day = rows >> packing.amount_bits
    units = (rows & ((1 << packing.amount_bits) - 1)) + packing.lowest
    customer = day >> packing.day_bits
    starts = _find_starts(customer)
    # Amounts ascend within a day, so that its last row says whether anything was bought.
    bought = np.flatnonzero(np.append(day[1:] != day[:-1], True) & (units > 0))
    refunded_rows = find_refunded(customer, day, units, starts, packing)
    if len(refunded_rows):
        is_kept = units > 0
        is_kept[refunded_rows] = False
        kept = np.flatnonzero(is_kept)
        bought = kept[np.append(day[kept][1:] != day[kept][:-1], True)] if len(kept) else kept
    codes = customer[starts]
    days = np.zeros((3, len(codes)), dtype=np.int32)
    if len(bought):
        place = np.searchsorted(codes, customer[bought])
        day_number = (day[bought] & ((1 << packing.day_bits) - 1)).astype(np.int32)
        firsts = _find_starts(place)
        ends = np.append(firsts[1:], len(place))
        days[:, place[firsts]] = ends - firsts, day_number[firsts], day_number[ends - 1]
    spent, refunded = (np.add.reduceat(clip(units, 0), starts) for clip in (np.maximum, np.minimum))
    return Buyers(codes, days[0], days[1], days[2], spent, refunded)


def _find_starts(column: npt.NDArray[np.int64]) -> npt.NDArray[np.intp]:
    """Return the positions at which a new number starts. column: ascending, not empty."""
    return np.concatenate([[0], np.flatnonzero(column[1:] != column[:-1]) + 1])
