"""What a model is asked: histories of any shape that broadcast together, looked over."""

from __future__ import annotations

from typing import Any

import numpy as np

from patron.predict.errors import HistoryError
from patron.predict.models.histories import ONE_UNIT, look_over
from patron.predict.models.likelihood.arrays import Floats, numbers

_AHEAD = "give a time from now on"
_FARTHEST = 1e100
"""Squares of anything longer are no floats."""


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


def horizons(horizon: Any, *beside: Any) -> Floats:
    """Lengths of time from now on, which broadcast with what they are asked `beside`. Raises HistoryError."""
    ahead = numbers("horizon", horizon, _AHEAD)
    if not ((ahead >= 0) & (ahead <= _FARTHEST)).all():
        what = f"A horizon is below 0, above {_FARTHEST:g}, or no number."
        raise HistoryError(what, where="horizon", do=_AHEAD)
    shapes = [np.shape(values) for values in beside]
    try:
        np.broadcast_shapes(ahead.shape, *shapes)
    except ValueError as error:
        what = f"horizon {ahead.shape} does not fit together with histories {', '.join(map(str, shapes))}."
        raise HistoryError(what, where="horizon", do="give one horizon, or one a customer") from error
    return ahead
