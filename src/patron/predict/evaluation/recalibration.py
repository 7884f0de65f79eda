"""Learns from a model's forecasts of past windows how to correct the next one, and how far it may be off.

A purchase model is fitted on all of a shop's past and takes conditions to stay. What happened in the windows after
earlier origins shows by how much that failed:

* The **level** of a window is ln(actual total / predicted total). A new window's is predicted by a random-effects model
  (DerSimonian and Laird 1986, here with priors because windows are few): the mean of the past ones, drawn towards 0,
  and a spread of single windows around it that no model knows in advance, which widens every interval.
* The **slope** says how forecasts have to differ among customers: purchases are proportional to forecast^(1 + slope),
  at an unchanged total. It maximises the multinomial likelihood of who bought, given the total, and is drawn towards 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from math import exp, log, sqrt
from statistics import mean
from typing import Any, Self

import numpy as np

from patron.predict.models.likelihood.arrays import Floats
from patron.predict.models.prediction_intervals import INSIDE

LEVEL_PRIOR, SLOPE_PRIOR = 0.2, 0.2
"""Standard deviations, over shops, of a model's lasting error in level and slope."""

WINDOW_SPREAD, WINDOW_SPREAD_WEIGHT = 0.2, 3.0
"""Standard deviation of single windows around a shop's level, as expected before any was seen, and how many windows
that expectation counts for."""

SLOPE_SPREAD = 0.1
"""The same of single windows' slopes."""

_LEAST, _STEPS = 1e-9, 30
_MOST_SLOPE, _MOST_FACTOR = 0.5, 4.0


@dataclass(frozen=True)
class Window:
    """A forecast of a past window, and what came. One entry per cell of customers with the same history: (cells,).

    expected, actual: purchases of one customer. customers: in the cell.
    """

    expected: Floats
    actual: Floats
    customers: Floats

    @property
    def level(self) -> float:
        """Return ln(actual / predicted) of the totals, with half a purchase added to each."""
        return log((float(self.actual @ self.customers) + 0.5) / (float(self.expected @ self.customers) + 0.5))

    @property
    def overdispersion(self) -> float:
        """Return the variance of customers' purchases around their forecast, in units of a Poisson's; at least 1."""
        squares = (self.actual - self.expected) ** 2 / np.maximum(self.expected, _LEAST)
        return max(1.0, float(squares @ self.customers / self.customers.sum()))


@dataclass(frozen=True)
class Recalibration:
    """The correction of a model's forecasts.

    level: to be added to the logarithm of forecasts. slope: see the module. spread: standard deviation of the logarithm
    of a new window's total around the corrected forecast, apart from chance. levels: those of the past windows.
    inside: as prediction_intervals.Uncertainty has it.
    """

    level: float
    slope: float
    spread: float
    levels: tuple[float, ...] = ()
    inside: Mapping[int, float] = field(default_factory=lambda: dict(INSIDE))

    def compute_factors(self, expected: Floats, customers: Floats, of: Floats | None = None) -> Floats:
        """Return the factor of each cell's forecasts, (cells,). expected: purchases of one customer of each cell.

        of: the forecasts that factors are wanted for, if not those of the cells.
        """
        tilt = np.maximum(expected, _LEAST) ** self.slope
        total = float(expected @ customers)
        even = total / float((expected * tilt) @ customers) if total > 0 else 1.0
        wanted = tilt if of is None else np.maximum(of, _LEAST) ** self.slope
        return np.clip(wanted * even * exp(self.level), 1 / _MOST_FACTOR, _MOST_FACTOR)

    def describe(self, horizon_days: int) -> str:
        """Describe what past windows taught, as a sentence for readers of the numbers."""
        if not self.levels:
            return "No past window could be tested, so intervals allow for what shops typically miss by"
        windows = "one past window" if len(self.levels) == 1 else f"{len(self.levels)} past windows"
        text = f"In {windows} of {horizon_days} days predicted purchases were {describe_miss(mean(self.levels))}"
        if len(self.levels) > 1:
            text += f" on average ({describe_miss(min(self.levels))} to {describe_miss(max(self.levels))})"
        change = exp(self.level) - 1
        done = (
            f"{'raised' if change > 0 else 'lowered'} by {abs(change):.0%}" if abs(change) >= 0.005 else "not changed"
        )
        return f"{text}; they are {done}, and intervals allow for {exp(self.spread) - 1:.0%} more or less of all"

    def to_dict(self) -> dict[str, Any]:
        """Return it as values that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Self:
        """Build the one that `to_dict` described."""
        inside = {int(per_cent): share for per_cent, share in content["inside"].items()}
        return cls(**{**content, "levels": tuple(content["levels"]), "inside": inside})


def learn(windows: Sequence[Window]) -> Recalibration:
    """Learn the correction from past windows; without any, nothing is corrected, and the spread is what shops have."""
    level, spread = _learn_level(windows)
    return Recalibration(level, _learn_slope(windows), spread, tuple(window.level for window in windows))


def correct_probability(probability: Floats, factors: Floats, expected: Floats) -> Floats:
    """Correct the probability of at least one purchase, 0 to 1, for purchases that are `factors` as many.

    A factor above 1 acts on the intensity (1 - (1 - P)^factor, exact where purchases are Poisson); below 1, each
    purchase happens with that probability, so that P is at most the corrected expectation. expected: uncorrected.
    """
    moved = -np.expm1(factors * np.log1p(-np.minimum(probability, 1 - 1e-16)))
    return np.where(factors > 1, moved, np.minimum(moved, factors * np.maximum(expected, probability)))


def describe_miss(level: float) -> str:
    """Describe ln(actual / predicted), such as "too low by 26%"."""
    if abs(level) < 0.005:
        return "on target"
    return f"too low by {1 - exp(-level):.0%}" if level > 0 else f"too high by {exp(-level) - 1:.0%}"


def _learn_level(windows: Sequence[Window]) -> tuple[float, float]:
    """Return (level, spread)."""
    if not windows:
        return 0.0, sqrt(WINDOW_SPREAD**2 + LEVEL_PRIOR**2)
    levels = np.array([window.level for window in windows])
    chance = float(np.mean([w.overdispersion / max(float(w.actual @ w.customers), 1.0) for w in windows]))
    seen = float(((levels - levels.mean()) ** 2).sum())
    window = (WINDOW_SPREAD_WEIGHT * WINDOW_SPREAD**2 + seen) / (WINDOW_SPREAD_WEIGHT + len(levels) - 1)
    noise = (window + chance) / len(levels)
    lasting = LEVEL_PRIOR**2
    drawn = lasting / (lasting + noise)
    return float(levels.mean()) * drawn, sqrt(window + noise * drawn)


def _learn_slope(windows: Sequence[Window]) -> float:
    """Maximise the multinomial likelihood by Newton's method (it is concave), and draw the result towards 0."""
    useful = [window for window in windows if (window.actual @ window.customers) > 0 and np.ptp(window.expected) > 0]
    if not useful:
        return 0.0
    slope, information = 0.0, 0.0
    for _ in range(_STEPS):
        gradient = information = 0.0
        for window in useful:
            logs = np.log(np.maximum(window.expected, _LEAST))
            share = window.customers * np.maximum(window.expected, _LEAST) ** (1 + slope)
            share /= share.sum()
            middle = float(share @ logs)
            bought = window.customers * window.actual / window.overdispersion
            gradient += float(bought @ (logs - middle))
            information += float(bought.sum() * (share @ (logs - middle) ** 2))
        if information <= 0:
            return 0.0
        step = gradient / information
        slope = float(np.clip(slope + step, -_MOST_SLOPE, _MOST_SLOPE))
        if abs(step) < 1e-8:
            break
    noise = 1 / information + SLOPE_SPREAD**2 / len(useful)
    return slope * SLOPE_PRIOR**2 / (SLOPE_PRIOR**2 + noise)
