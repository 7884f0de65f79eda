"""Finds orders that were refunded in full: an earlier amount above 0 of the same customer for each amount below 0."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from patron.predict.orders_file.packing import Packing

    Ints = npt.NDArray[np.int64]


def find_refunded(
    customer: Ints, day: Ints, units: Ints, starts: npt.NDArray[np.intp], packing: Packing
) -> npt.NDArray[np.intp]:
    """Return the rows that a refund of exactly their amount cancels, as measures.fully_refunded_orders defines it.

    A refund belongs to the customer's latest order of its amount, up to its day, that no refund has cancelled yet.
    customer, day, units: of orders sorted by customer, day and amount; day includes the customer. starts: the first row
    of each customer.
    """
    is_refund = units < 0
    if not is_refund.any():
        return np.empty(0, dtype=np.intp)
    has_refund = np.repeat(np.logical_or.reduceat(is_refund, starts), np.diff(np.append(starts, len(units))))
    is_exact = True if packing.holds_all else (units > packing.lowest) & (units < packing.highest)
    rows = np.flatnonzero(has_refund & is_exact & (units != 0))
    step = np.sign(units[rows])
    key = (customer[rows] << packing.amount_bits) | np.abs(units[rows])
    order = np.lexsort((-step, day[rows], key))
    rows, step, key = rows[order], step[order], key[order]
    # Brackets: a refund closes the order that was opened last, so both are at the same depth.
    level = np.cumsum(step) + (step < 0)
    order = np.lexsort((level, key))
    rows, step, key, level = rows[order], step[order], key[order], level[order]
    is_closed = (step[:-1] > 0) & (step[1:] < 0) & (key[:-1] == key[1:]) & (level[:-1] == level[1:])
    found: npt.NDArray[np.intp] = rows[:-1][is_closed]
    return found
