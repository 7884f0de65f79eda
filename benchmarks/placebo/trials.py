"""Reads what the tables say of many shops: how often a difference is clear where there is none, or a known one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.placebo.draw import DAYS, Orders, Spec
from benchmarks.placebo.shop import TABLES, PlaceboShop, draw_shop
from patron.activate.effect import Difference, compare_outcomes

AUDIENCE = "audience effect"
NAMES = (*TABLES, AUDIENCE)
CLEAR = ("higher", "lower")

PLACEBO = {
    "steady": Spec(),
    "seasonal": Spec(season=0.6),
    "growing": Spec(growth=4.0),
    "few promotions": Spec(promoted=0.05),
}
"""Kinds of shops in which nothing has an effect."""


@dataclass(frozen=True)
class Effect:
    """A shop with an effect, and the row that should tell: its key, and which reading is right.

    relative_to: the column that the difference is divided by, where the true effect is a share of the usual rate.
    """

    spec: Spec
    key: Mapping[str, str]
    reading: str
    truth: str
    relative_to: str = ""

    def tells(self, rows: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
        """Return the row that should tell."""
        return next(row for row in rows if all(row[name] == value for name, value in self.key.items()))


EFFECTS = {
    "promotion_impact": Effect(
        Spec(promotion_lift=0.5),
        {"comparison": "matched on window, orders and earlier spend", "measure": "order_count"},
        "higher",
        "customers buy 50% more often in the 56 days after a promotion",
        "other_mean",
    ),
    "support_impact": Effect(
        Spec(customers=5000, contact_loss=0.7),
        {"comparison": "escalation", "group_name": "escalated", "outcome": "later_purchase"},
        "lower",
        "an escalated contact costs 70% of later orders",
        "compared_rate",
    ),
    "delivery_impact": Effect(
        Spec(slow_loss=0.15),
        {"comparison": "delivery_minutes", "delivery": "last", "group_name": "45 min or more"},
        "lower",
        "a late delivery is the last order of 15%",
        "other_repeat_rate",
    ),
    "survey_segments": Effect(
        Spec(answer_loss=0.05),
        {"attribute": "q0", "answer": "0"},
        "higher",
        "after each order, 5% of those with one of two answers never return",
    ),
    "loyalty_uplift_summary": Effect(
        Spec(regular_lift=1.0),
        {"comparison": "matched on pace", "measure": "order_count"},
        "higher",
        "customers buy 100% more often once they have more than ten orders",
        "other_after_mean",
    ),
    AUDIENCE: Effect(
        Spec(customers=5000, contact_gain=0.4),
        {"outcome": "orders"},
        "higher",
        "40% of contacted customers order once more",
        "held_out",
    ),
}


def read_tables(shop: PlaceboShop, spec: Spec, seed: int, *names: str) -> dict[str, Any]:
    """Draw a shop and return the rows of the named tables, or of all."""
    orders = draw_shop(shop, spec, seed)
    rows = {name: shop.read(name) for name in names or NAMES if name != AUDIENCE}
    if AUDIENCE in (names or NAMES):
        rows[AUDIENCE] = measure_audience(orders, np.random.default_rng(seed), spec.contact_gain)
    return rows


def measure_audience(orders: Orders, rng: np.random.Generator, contact_gain: float) -> list[dict[str, Any]]:
    """Hold out a fifth of the customers on day 273, and measure the 90 days after it.

    contact_gain: the chance that a contacted customer places one more order.
    """
    members = np.unique(orders.customer[orders.day < DAYS - 91])
    is_held_out = rng.random(len(members)) < 0.2
    since = orders.where((orders.day >= DAYS - 91) & np.isin(orders.customer, members))
    place = np.searchsorted(members, since.customer)
    counts = np.bincount(place, minlength=len(members)).astype(float)
    spent = np.bincount(place, weights=since.amount, minlength=len(members))
    more = ~is_held_out & (rng.random(len(members)) < contact_gain)
    counts, spent = counts + more, spent + more * orders.amount.mean()
    outcomes = {"bought": (counts > 0).astype(float), "orders": counts, "order_amount": spent}
    return [_as_row(one) for one in compare_outcomes(outcomes, is_held_out)]


def _as_row(one: Difference) -> dict[str, Any]:
    reading = "no clear difference" if not one.is_clear else "higher" if one.difference > 0 else "lower"
    return {**vars(one), "reading": reading}


def count_false_alarms(spec: Spec, shops: int) -> Counter[str]:
    """Count in how many shops without any effect each table calls a difference clear."""
    shop, found = PlaceboShop(), Counter[str](dict.fromkeys(NAMES, 0))
    for seed in range(shops):
        for name, rows in read_tables(shop, spec, seed).items():
            found[name] += any(row["reading"] in CLEAR for row in rows)
    return found


@dataclass(frozen=True)
class Found:
    """In how many shops an effect was found, and its mean size: a difference, or a share of the usual rate."""

    count: int
    mean: float


def find_effect(name: str, shops: int) -> Found:
    """Count in how many shops with a known effect the table tells it."""
    effect, shop = EFFECTS[name], PlaceboShop()
    rows = [effect.tells(read_tables(shop, effect.spec, seed, name)[name]) for seed in range(shops)]
    sizes = [row["difference"] / (row[effect.relative_to] if effect.relative_to else 1) for row in rows]
    return Found(sum(row["reading"] == effect.reading for row in rows), float(np.mean(sizes)))
