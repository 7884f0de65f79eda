"""Checks the arguments of the models' methods: histories and horizons of any shapes that broadcast."""

from __future__ import annotations

from typing import Any

import numpy as np

from patron.predict.errors import HistoryError
from patron.predict.models.histories import ONE_UNIT, check_histories
from patron.predict.models.likelihood.arrays import Floats, numbers

_AHEAD = "pass a length of time, counted from now"
_FARTHEST = 1e100
"""Squares of anything longer are no floats."""


def check_history(frequency: Any, recency: Any, age: Any) -> tuple[Floats, Floats, Floats]:
    """Return the three as float arrays that broadcast. Raises HistoryError."""
    x, last, now = (numbers(n, v, ONE_UNIT) for n, v in (("frequency", frequency), ("recency", recency), ("age", age)))
    try:
        np.broadcast_shapes(x.shape, last.shape, now.shape)
    except ValueError as error:
        what = f"frequency {x.shape}, recency {last.shape} and age {now.shape} do not broadcast."
        raise HistoryError(what, do=ONE_UNIT) from error
    check_histories(x, last, now)
    return x, np.minimum(last, now), now


def check_horizons(horizon: Any, *beside: Any) -> Floats:
    """Return horizons (times from now on) as floats that broadcast with the arrays `beside`. Raises HistoryError."""
    ahead = numbers("horizon", horizon, _AHEAD)
    if not ((ahead >= 0) & (ahead <= _FARTHEST)).all():
        what = f"A horizon is below 0, above {_FARTHEST:g}, or not a number."
        raise HistoryError(what, where="horizon", do=_AHEAD)
    shapes = [np.shape(values) for values in beside]
    try:
        np.broadcast_shapes(ahead.shape, *shapes)
    except ValueError as error:
        what = f"horizon {ahead.shape} does not broadcast with histories {', '.join(map(str, shapes))}."
        raise HistoryError(what, where="horizon", do="pass one horizon, or one per customer") from error
    return ahead
