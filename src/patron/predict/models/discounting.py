"""Purchases that lie ahead, worth less the later they come."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from patron.predict.errors import HistoryError
from patron.predict.models.likelihood.arrays import Floats, number

Expected = Callable[[Any, Any, Any], Floats]
"""A model's `expected_while_alive`: purchases within a horizon, by frequency and age, of customers who are alive."""

_MOST_STEPS = 100_000
_LOG_STEP, _EARLIEST, _LATEST = 0.25, -20.0, 4.0


def asked(horizon: Any, rate: Any) -> tuple[float, float]:
    """How far to look ahead, and what to take off. Raises HistoryError."""
    ahead, off = number("horizon", horizon, "give one time from now on"), number("rate", rate, "give one rate")
    if not (ahead >= 0 and 0 <= off < np.inf):
        what = f"horizon {ahead:g} and rate {off:g} do not make a discounted sum."
        raise HistoryError(what, do="give a horizon and a rate of 0 or more")
    if np.isposinf(ahead) and off == 0:
        raise HistoryError("A life's worth needs a rate above 0, not 0.", where="rate", do="give a rate")
    return ahead, off


def edges_and_worth(horizon: float, rate: float, step: float) -> tuple[Floats, Floats]:
    """The ends of the steps, the last of which may be short, and what a purchase in each is worth now.

    Raises HistoryError.
    """
    if not (0 < step < np.inf and 0 <= horizon < np.inf and 0 <= rate < np.inf):
        what = f"horizon {horizon:g}, rate {rate:g} and step {step:g} do not make a discounted sum."
        raise HistoryError(what, do="give a horizon and a rate of 0 or more, and a step above 0")
    count = int(np.ceil(horizon / step - 1e-9))
    if count > _MOST_STEPS:
        raise HistoryError(f"{count:,} steps are too many.", where="step", do="give a longer step")
    ends = np.minimum(step * np.arange(1, count + 1), horizon)
    middles = (ends + np.concatenate([[0.0], ends[:-1]])) / 2 if count else ends
    return ends, np.exp(-rate * middles)


def by_steps(expected: Expected, horizon: float, rate: float, step: float, frequency: Any, age: Any) -> Floats:
    """Sum over steps of (expected by its end - expected by its start) x worth, of customers who are alive."""
    if np.isposinf(horizon):
        return for_ever(expected, rate, frequency, age)
    ends, worth = edges_and_worth(horizon, rate, step)
    drop = worth - np.append(worth[1:], 0.0)
    x, now = np.asarray(frequency, dtype=np.float64), np.asarray(age, dtype=np.float64)
    total = np.zeros(np.broadcast_shapes(x.shape, now.shape))
    for end, weight in zip(ends, drop, strict=True):  # by parts: sum of E(end) x the fall of worth after it
        total += weight * expected(end, x, now)
    return total


def for_ever(expected: Expected, rate: float, frequency: Any, age: Any) -> Floats:
    """The whole rest of life, discounted continuously: the integral of rate e^(-rate t) E(t) dt over all t.

    By parts from the integral of e^(-rate t) dE(t); over ln(rate t), by the trapezoidal rule, to some 1e-10.
    """
    _, rate = asked(np.inf, rate)
    x, now = np.asarray(frequency, dtype=np.float64), np.asarray(age, dtype=np.float64)
    total = np.zeros(np.broadcast_shapes(x.shape, now.shape))
    for log_time in np.arange(_EARLIEST, _LATEST, _LOG_STEP):
        time = np.exp(log_time)
        total += _LOG_STEP * time * np.exp(-time) * expected(time / rate, x, now)
    return total
