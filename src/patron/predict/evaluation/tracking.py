"""Tracks cumulative repeat purchases by week, predicted and actual, up to the end of the test period."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from patron.predict.evaluation.forecasts import Forecast, expect_by_day
from patron.predict.evaluation.holdout import Holdout
from patron.predict.models.likelihood.arrays import Floats


@dataclass(frozen=True)
class Week:
    """Repeat purchases up to the end of a week, numbered from the first purchase of all. The last ends the period."""

    week: int
    is_held_out: bool
    predicted: float
    actual: float


def track(forecast: Forecast, holdout: Holdout, repeats: tuple[Floats, Floats]) -> list[Week]:
    """Return one entry per week. repeats: as `query_repeats` returns them.

    A model predicts what new customers would have bought by then, each from their own first day, knowing nothing of
    what they did: it also shows how well the model fits the past. A baseline takes the past as it was, and continues
    evenly from there.
    """
    oldest = int(holdout.age_days.max())
    ends = np.arange(holdout.horizon_days, -oldest, -7, dtype=np.float64)[::-1]
    actual = _cumulate(ends, *repeats)
    predicted = (
        _predict_by_model(forecast, holdout, ends)
        if forecast.fitted
        else _predict_by_baseline(forecast, holdout, ends, actual)
    )
    return [
        Week(week, bool(end > 0), float(expected), float(observed))
        for week, (end, expected, observed) in enumerate(zip(ends, predicted, actual, strict=True), start=1)
    ]


def _cumulate(ends: Floats, days: Floats, counts: Floats) -> Floats:
    """Sum the purchases up to and including each of `ends`."""
    reached = np.concatenate([[0.0], np.cumsum(counts)])
    found: Floats = reached[np.searchsorted(days, ends, side="right")]
    return found


def _predict_by_model(forecast: Forecast, holdout: Holdout, ends: Floats) -> Floats:
    assert forecast.fitted is not None
    ages, which = np.unique(holdout.age_days.astype(int), return_inverse=True)
    customers = np.bincount(which, weights=holdout.customer_count)
    by_day = expect_by_day(forecast.fitted, int(ages.max()) + holdout.horizon_days)
    return np.array([by_day[np.maximum(0, ages + int(end))] @ customers for end in ends])


def _predict_by_baseline(forecast: Forecast, holdout: Holdout, ends: Floats, actual: Floats) -> Floats:
    start = holdout.total(holdout.repeat_count)
    ahead = np.clip(ends, 0, None) / holdout.horizon_days * holdout.total(forecast.expected)
    return np.where(ends <= 0, actual, start + ahead)
