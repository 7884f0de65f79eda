"""Draws what customers buy, and what happens to them: by chance alone, or with an effect of known size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from patron.simulate.customers import arrival_fraction

DAYS = 364
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Spec:
    """A kind of shop, and what has an effect in it.

    season: how far the rate of buying swings over the year, 0 to 1. growth: how many times as many customers arrive at
    the end as at the start. promoted, contacted, slow: the share of orders that are promoted, lead to a contact with
    support, or are delivered late. promotion_lift: how much more often customers buy in the 56 days after a promotion.
    contact_loss: the share of later orders that an escalated contact costs. slow_loss, answer_loss: the chance that an
    order is the last if it was delivered late, or if the customer gave the first answer to the first question.
    regular_lift: how much more often regulars buy. contact_gain: the chance that a customer of an audience who is
    contacted places one more order.
    """

    customers: int = 2500
    season: float = 0.0
    growth: float = 1.0
    promoted: float = 0.15
    contacted: float = 0.10
    slow: float = 0.25
    promotion_lift: float = 0.0
    contact_loss: float = 0.0
    slow_loss: float = 0.0
    answer_loss: float = 0.0
    regular_lift: float = 0.0
    contact_gain: float = 0.0


@dataclass(frozen=True)
class Orders:
    """One entry per order, by customer and day; at most one order per customer and day."""

    customer: Ints
    day: Ints
    amount: Floats
    is_promoted: Flags
    is_escalated: Flags
    is_contacted: Flags
    is_slow: Flags

    def where(self, kept: Flags) -> Orders:
        """Return the orders that are kept."""
        return Orders(*(getattr(self, name)[kept] for name in self.__dataclass_fields__))


def draw_orders(spec: Spec, rng: np.random.Generator) -> Orders:
    """Draw every order. Rates and lives differ between customers as in the Pareto/NBD model."""
    n, most = spec.customers, (1 + spec.season)
    arrived = arrival_fraction(rng.random(n), spec.growth) * (DAYS - 1)
    rate = rng.gamma(0.9, size=n) / 0.9 / 24  # a mean of one order in 24 days
    life = rng.standard_exponential(n) / np.maximum(rng.gamma(0.7, size=n) / 0.7 / 240, 1e-9)
    until = np.minimum(arrived + life, DAYS)
    lift = 1 + max(spec.promotion_lift, spec.regular_lift)
    count = rng.poisson(rate * (until - arrived) * most * lift)
    customer = np.concatenate([np.arange(n), np.repeat(np.arange(n), count)])
    at = np.concatenate(
        [arrived, np.repeat(arrived, count) + rng.random(count.sum()) * np.repeat(until - arrived, count)]
    )
    is_first = np.arange(len(at)) < n
    swing = (1 + spec.season * np.sin(2 * np.pi * at / DAYS)) / most
    at = np.floor(at)
    kept = is_first | (rng.random(len(at)) < swing)
    customer, at, chance = customer[kept], at[kept], np.where(is_first, 0.0, rng.random(len(is_first)))[kept]
    _, place = np.unique(customer * 1000 + at.astype(np.int64), return_index=True)
    spend = 20 * 2.5 / rng.gamma(3.5, size=n)
    customer, day = customer[place], at[place].astype(np.int64)
    drawn = Orders(
        customer,
        day,
        np.round(spend[customer] * rng.gamma(6.0, size=len(day)) / 6 + 0.5, 2),
        rng.random(len(day)) < spec.promoted,
        rng.random(len(day)) < 0.3,
        rng.random(len(day)) < spec.contacted,
        rng.random(len(day)) < spec.slow,
    )
    return drawn if lift == 1 else drawn.where(_follow(drawn, chance[place] * lift, spec))


def _follow(orders: Orders, chance: Floats, spec: Spec) -> Flags:
    """Keep candidates at the usual rate, or at the lifted one after a promotion or once a customer is a regular.

    chance: uniform up to the lifted rate over the usual one.
    """
    kept = np.zeros(len(chance), dtype=bool)
    last, promoted, count = -1, -1000, 0
    for place, (customer, day) in enumerate(zip(orders.customer.tolist(), orders.day.tolist(), strict=True)):
        if customer != last:
            last, promoted, count = customer, -1000, 0
        rate = 1 + spec.promotion_lift * (day - promoted <= 56) + spec.regular_lift * (count > 10)
        if chance[place] < rate:
            kept[place] = True
            count += 1
            promoted = day if orders.is_promoted[place] else promoted
    return kept


def lose_orders(orders: Orders, spec: Spec, answers: Ints, rng: np.random.Generator) -> Orders:
    """Remove what customers do not buy after an escalated contact or a late delivery, or by their answer."""
    earlier = _count_earlier(orders, orders.is_contacted & orders.is_escalated)
    orders = orders.where((earlier == 0) | (rng.random(len(earlier)) >= spec.contact_loss))
    chance = np.maximum(spec.slow_loss * orders.is_slow, spec.answer_loss * (answers[orders.customer] == 0))
    return orders.where(_count_earlier(orders, rng.random(len(chance)) < chance) == 0)


def _count_earlier(orders: Orders, flags: Flags) -> Ints:
    """Count the flagged orders of the same customer before each order."""
    before = np.cumsum(flags) - flags
    counted: Ints = before - before[np.searchsorted(orders.customer, orders.customer)]
    return counted
