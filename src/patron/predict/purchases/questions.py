"""What a model is asked: histories of any shape that broadcast together, looked over."""

from __future__ import annotations

from typing import Any

import numpy as np

from patron.predict.likelihood.columns import Floats, numbers
from patron.predict.purchases.histories import ONE_UNIT, look_over
from patron.predict.refusals import HistoryError


def asked(frequency: Any, recency: Any, age: Any) -> tuple[Floats, Floats, Floats]:
    """The three as arrays that broadcast. Raises HistoryError."""
    x, last, now = (numbers(n, v, ONE_UNIT) for n, v in (("frequency", frequency), ("recency", recency), ("age", age)))
    try:
        np.broadcast_shapes(x.shape, last.shape, now.shape)
    except ValueError as error:
        what = f"frequency {x.shape}, recency {last.shape} and age {now.shape} do not fit together."
        raise HistoryError(what, do=ONE_UNIT) from error
    look_over(x, last, now)
    return x, np.minimum(last, now), now


def horizons(horizon: Any) -> Floats:
    """Lengths of time from now on. Raises HistoryError."""
    ahead = numbers("horizon", horizon, "give a time from now on")
    if not ((ahead >= 0) & (ahead < np.inf)).all():
        raise HistoryError("A horizon is below 0, or no number.", where="horizon", do="give a time from now on")
    return ahead
