"""Learns the season of a shop by comparing how customers bought over time with what a purchase model expects."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from patron.predict.models.likelihood.arrays import Floats
from patron.predict.models.time_units import DAYS_A_WEEK
from patron.predict.season.clock import Clock, Season, to_months
from patron.predict.season.estimate import Purchases, estimate_season

if TYPE_CHECKING:
    from patron.predict.models.purchase_model import PurchaseModel

_PASSES = 3
"""The model is fitted again in the time of the season found before, and months are estimated anew beside it."""

_DAYS_A_YEAR = 365.25


def learn_season(
    fit: Callable[[Clock], PurchaseModel],
    as_of: dt.date,
    age_days: Floats,
    customers: Floats,
    repeats: tuple[Floats, Floats],
) -> Season | None:
    """Learn the season from all that was known on a day; None where no cycle was seen, or the year is even.

    fit: fits the model in the time of a clock. age_days, customers: (cells,). repeats: as holdout.query_repeats returns
    them; later ones are not looked at. Raises NotIdentifiableError.
    """
    clock = Clock(as_of)
    oldest = int(age_days.max(initial=0))
    new = _count(age_days.astype(np.int64), customers, oldest)
    came = _count_by_day(repeats, oldest)
    days = np.datetime64(as_of, "D") + np.arange(-oldest, 1)
    months, years = to_months(days), np.arange(-oldest, 1) / _DAYS_A_YEAR
    for _ in range(_PASSES):
        even = expect_by_day(fit(clock), clock, new) / clock.get_paces(days)
        clock = Clock(as_of, estimate_season(Purchases(came, even, months, years)))
        if clock.season is None:
            break
    return clock.season


def expect_by_day(model: PurchaseModel, clock: Clock, new: Floats) -> Floats:
    """Return how many repeat purchases a model expects of all customers on each day up to as_of, shape (days,).

    new: customers by the day of their first purchase, (days,), the last on as_of. Nothing but that day is used.
    """
    ages = np.arange(len(new))[::-1]
    reached = clock.to_age(ages[0]) - clock.to_age(ages)
    grid = np.arange(int(np.ceil(reached[-1] * DAYS_A_WEEK)) + 2) / DAYS_A_WEEK
    by_then = np.asarray(model.expected_purchases_new(grid), dtype=np.float64)
    expected = np.zeros(len(new))
    for day in np.flatnonzero(new):
        since = np.interp(reached[day:] - reached[day], grid, by_then)
        expected[day + 1 :] += new[day] * np.diff(since)
    return expected


def _count_by_day(repeats: tuple[Floats, Floats], oldest: int) -> Floats:
    days, counts = repeats
    past = (days <= 0) & (days >= -oldest)
    return _count(-days[past].astype(np.int64), counts[past], oldest)


def _count(days_ago: Any, counts: Floats, oldest: int) -> Floats:
    """Sum counts by day: the first entry is `oldest` days ago, the last today."""
    return np.bincount(oldest - days_ago, weights=counts, minlength=oldest + 1).astype(np.float64)
