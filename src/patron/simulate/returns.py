"""Draws returns: which lines, how many pieces, and when."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from patron.simulate.clock import Clock
from patron.simulate.lines import RETURN, Lines, join_lines, make_no_lines
from patron.simulate.orders import Orders

if TYPE_CHECKING:
    from patron.simulate.spec import ShopSpec

_SOONEST_WEEKS = 1 / 7
_LATEST_WEEKS = 4.0


class Returns:
    """The returns still to come: at most four weeks of them, so memory stays bounded."""

    def __init__(self, spec: ShopSpec, clock: Clock) -> None:
        self._rate, self._clock = spec.refund_rate, clock
        self._to_come = make_no_lines()

    def choose(self, orders: Orders, sales: Lines, rng: np.random.Generator) -> None:
        """Decide which sale lines are returned; those of one order are returned together, on one credit note."""
        wait = rng.uniform(_SOONEST_WEEKS, _LATEST_WEEKS, len(orders))
        back = sales.take(rng.random(len(sales)) < self._rate)
        waited = wait[np.searchsorted(orders.order_id, back.order_id)]
        due = self._clock.weeks_at(back.at.astype(np.float64)) + waited
        pieces = 1 + np.floor(rng.random(len(back)) * back.quantity).astype(np.int64)
        notes = replace(
            back,
            order_id=back.order_id + 1,
            at=self._clock.seconds_at(due),
            quantity=-pieces,
            kind=np.full(len(back), RETURN),
            returned_order_id=back.order_id,
        )
        self._to_come = join_lines([self._to_come, notes.take(due < self._clock.end_weeks)])

    def due(self, until: int) -> Lines:
        """Hand over the returns that fall before `until` (seconds since the start)."""
        is_due = self._to_come.at < until
        handed, self._to_come = self._to_come.take(is_due), self._to_come.take(~is_due)
        return handed
