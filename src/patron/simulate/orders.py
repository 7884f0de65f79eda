"""The purchase process, one slice of time after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from patron.simulate.clock import Clock, slice_edges
from patron.simulate.customers import Customers, draw_countries
from patron.simulate.expectation import expect_lines
from patron.simulate.streams import Floats, Ints, Subject, stream

if TYPE_CHECKING:
    from patron.simulate.spec import ShopSpec

GUEST = -1


@dataclass(frozen=True)
class Orders:
    """The orders of one slice by time. customer: place among the customers, or GUEST; at: seconds."""

    slice_index: int
    since: int
    until: int
    order_id: Ints
    customer: Ints
    country: Ints
    at: Ints

    def __len__(self) -> int:
        return len(self.order_id)


def orders_by_slice(spec: ShopSpec, clock: Clock, customers: Customers) -> Iterator[Orders]:
    """Draw the orders of each slice in turn; only one slice is held in memory."""
    ordered = 0
    for index, (since, until) in enumerate(pairwise(slice_edges(spec, expect_lines(spec)))):
        rng = stream(spec.seed, Subject.ORDERS, index)
        first, last = clock.weeks_at(np.array([since, until], dtype=np.float64))
        parts = [_make_first_orders(customers, first, last), _draw_repeat_orders(customers, first, last, rng)]
        parts.append(_draw_guest_orders(sum(len(who) for who, _ in parts), spec.guest_rate, first, last, rng))
        who, busy = (np.concatenate(column) for column in zip(*parts, strict=True))
        by_time = np.argsort(busy, kind="stable")
        who, busy = who[by_time], busy[by_time]
        at_home = draw_countries(spec, len(who), rng)
        country = np.where(who == GUEST, at_home, customers.country[who])
        # Even ids are orders; the next number of each is kept for its credit note.
        order_id = 2 * np.arange(ordered + 1, ordered + 1 + len(who))
        at = np.minimum(clock.seconds_at(busy), until - 1)
        yield Orders(index, since, until, order_id, who, country, at)
        ordered += len(who)


def _make_first_orders(customers: Customers, first: float, last: float) -> tuple[Ints, Floats]:
    """Make first orders: a customer's arrival is their first order."""
    begin, end = np.searchsorted(customers.arrived_busy, [first, last])
    return np.arange(begin, end), customers.arrived_busy[begin:end]


def _draw_repeat_orders(
    customers: Customers, first: float, last: float, rng: np.random.Generator
) -> tuple[Ints, Floats]:
    """Draw one total and share it out by rate x exposure: the same law as one Poisson a customer, faster."""
    here = int(np.searchsorted(customers.arrived_busy, last))
    begin = np.maximum(customers.arrived_busy[:here], first)
    exposure = np.maximum(np.minimum(customers.left_busy[:here], last) - begin, 0.0)
    reach = np.cumsum(customers.purchase_rate_weeks[:here] * exposure)
    total = rng.poisson(reach[-1]) if here else 0
    # Sorted chances walk through the customers once, which spares the processor's cache.
    chances = np.sort(rng.random(total))
    who = np.searchsorted(reach, chances * reach[-1], side="right") if total else np.arange(0)
    who = np.minimum(who, here - 1)
    return who, begin[who] + rng.random(total) * exposure[who]


def _draw_guest_orders(
    others: int, rate: float, first: float, last: float, rng: np.random.Generator
) -> tuple[Ints, Floats]:
    """Draw orders of guests: `rate` of all orders, so rate / (1 - rate) of the others."""
    count = rng.poisson(others * rate / (1 - rate))
    return np.full(count, GUEST), first + rng.random(count) * (last - first)
