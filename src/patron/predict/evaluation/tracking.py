"""Cumulative repeat purchases week by week, from the first customer to the end of the window: forecast beside truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from patron.predict.evaluation.forecasts import Forecast, expected_by_day
from patron.predict.evaluation.holdout import Holdout
from patron.predict.models.likelihood.arrays import Floats


@dataclass(frozen=True)
class Week:
    """Repeat purchases up to the end of a week, numbered from the first purchase of all; the last ends the window."""

    week: int
    is_held_out: bool
    predicted: float
    actual: float


def tracking(forecast: Forecast, holdout: Holdout, repeats: tuple[Floats, Floats]) -> list[Week]:
    """One entry a week. repeats: as read_repeats gives them.

    A model says what new customers would have bought by then, each from their own first day, knowing nothing of what
    they did: how well it fits the past shows too. A baseline takes the past as it was, and goes on from there evenly.
    """
    oldest = int(holdout.age_days.max())
    ends = np.arange(holdout.horizon_days, -oldest, -7, dtype=np.float64)[::-1]
    actual = _until(ends, *repeats)
    predicted = _by_model(forecast, holdout, ends) if forecast.fitted else _by_baseline(forecast, holdout, ends, actual)
    return [
        Week(week, bool(end > 0), float(said), float(came))
        for week, (end, said, came) in enumerate(zip(ends, predicted, actual, strict=True), start=1)
    ]


def _until(ends: Floats, days: Floats, counts: Floats) -> Floats:
    """All that was bought up to and with each of `ends`."""
    reached = np.concatenate([[0.0], np.cumsum(counts)])
    found: Floats = reached[np.searchsorted(days, ends, side="right")]
    return found


def _by_model(forecast: Forecast, holdout: Holdout, ends: Floats) -> Floats:
    assert forecast.fitted is not None
    ages, which = np.unique(holdout.age_days.astype(int), return_inverse=True)
    customers = np.bincount(which, weights=holdout.customer_count)
    by_day = expected_by_day(forecast.fitted, int(ages.max()) + holdout.horizon_days)
    return np.array([by_day[np.maximum(0, ages + int(end))] @ customers for end in ends])


def _by_baseline(forecast: Forecast, holdout: Holdout, ends: Floats, actual: Floats) -> Floats:
    start = holdout.total(holdout.repeat_count)
    ahead = np.clip(ends, 0, None) / holdout.horizon_days * holdout.total(forecast.expected)
    return np.where(ends <= 0, actual, start + ahead)
