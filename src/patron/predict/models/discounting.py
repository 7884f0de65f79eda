"""Computes discounted sums of expected purchases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from patron.predict.errors import HistoryError
from patron.predict.models.likelihood.arrays import Floats, number

Expected = Callable[[Any, Any, Any], Floats]
"""A model's `expected_while_alive`: purchases within a horizon, by frequency and age, of customers who are alive."""

_MOST_STEPS = 100_000
_LOG_STEP, _EARLIEST, _LATEST = 0.25, -14.0, 4.0


def check_arguments(horizon: Any, rate: Any) -> tuple[float, float]:
    """Return horizon and rate as numbers. Raises HistoryError."""
    ahead, off = (
        number("horizon", horizon, "pass one length of time, counted from now"),
        number("rate", rate, "give one rate"),
    )
    if not (ahead >= 0 and 0 <= off < np.inf):
        what = f"horizon {ahead:g} and rate {off:g} are not valid for a discounted sum."
        raise HistoryError(what, do="pass a horizon and a rate of 0 or more")
    if np.isposinf(ahead) and off == 0:
        raise HistoryError("An infinite horizon needs a rate above 0.", where="rate", do="pass a rate")
    return ahead, off


def discount_steps(horizon: float, rate: float, step: float) -> tuple[Floats, Floats]:
    """Return the ends of the steps, the last of which may be short, and the present value of a purchase in each.

    Raises HistoryError.
    """
    if not (0 < step < np.inf and 0 <= horizon < np.inf and 0 <= rate < np.inf):
        what = f"horizon {horizon:g}, rate {rate:g} and step {step:g} are not valid for a discounted sum."
        raise HistoryError(what, do="pass a horizon and a rate of 0 or more, and a step above 0")
    count = int(np.ceil(horizon / step - 1e-9))
    if count > _MOST_STEPS:
        raise HistoryError(f"{count:,} steps are too many.", where="step", do="pass a longer step")
    ends = np.minimum(step * np.arange(1, count + 1), horizon)
    middles = (ends + np.concatenate([[0.0], ends[:-1]])) / 2 if count else ends
    return ends, np.exp(-rate * middles)


def sum_by_steps(expected: Expected, horizon: float, rate: float, step: float, frequency: Any, age: Any) -> Floats:
    """Sum over steps (expected by its end - expected by its start) x present value, for customers who are alive."""
    if np.isposinf(horizon):
        return sum_to_infinity(expected, rate, frequency, age)
    ends, worth = discount_steps(horizon, rate, step)
    drop = worth - np.append(worth[1:], 0.0)
    x, now = np.asarray(frequency, dtype=np.float64), np.asarray(age, dtype=np.float64)
    total = np.zeros(np.broadcast_shapes(x.shape, now.shape))
    for end, weight in zip(ends, drop, strict=True):  # by parts: sum of E(end) x the fall of worth after it
        total += weight * expected(end, x, now)
    return total


def sum_to_infinity(expected: Expected, rate: float, frequency: Any, age: Any) -> Floats:
    """Sum all purchases to come, discounted continuously: the integral of rate e^(-rate t) E(t) dt over all t.

    By parts from the integral of e^(-rate t) dE(t); over ln(rate t), by the trapezoidal rule, to some 1e-10.
    """
    times, drops = steps_to_infinity(rate)
    x, now = np.asarray(frequency, dtype=np.float64), np.asarray(age, dtype=np.float64)
    total = np.zeros(np.broadcast_shapes(x.shape, now.shape))
    for time, drop in zip(times, drops, strict=True):
        total += drop * expected(time, x, now)
    return total


def steps_to_infinity(rate: float) -> tuple[Floats, Floats]:
    """Return times, and how much less a purchase is worth from one to the next, for `sum_to_infinity`."""
    _, rate = check_arguments(np.inf, rate)
    times = np.exp(np.arange(_EARLIEST, _LATEST, _LOG_STEP))
    return times / rate, _LOG_STEP * times * np.exp(-times)
