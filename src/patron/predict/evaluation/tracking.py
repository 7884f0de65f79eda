"""Tracks cumulative repeat purchases by week, predicted and actual, up to the end of the test period."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from patron.predict.evaluation.forecasts import Forecast
from patron.predict.evaluation.holdout import Holdout
from patron.predict.models.likelihood.arrays import Floats
from patron.predict.season.clock import Clock
from patron.predict.season.learn import expect_by_day


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
    oldest = int(holdout.age_days.max())
    new = np.bincount(oldest - holdout.age_days.astype(np.int64), weights=holdout.customer_count)
    known = np.concatenate([new, np.zeros(oldest + 1 + holdout.horizon_days - len(new))])
    end = holdout.origin + dt.timedelta(days=holdout.horizon_days)
    reached = np.cumsum(expect_by_day(forecast.fitted, Clock(end, holdout.season), known))
    found: Floats = reached[oldest + ends.astype(np.int64)]
    return found


def _predict_by_baseline(forecast: Forecast, holdout: Holdout, ends: Floats, actual: Floats) -> Floats:
    start = holdout.total(holdout.repeat_count)
    ahead = np.clip(ends, 0, None) / holdout.horizon_days * holdout.total(forecast.expected)
    return np.where(ends <= 0, actual, start + ahead)
