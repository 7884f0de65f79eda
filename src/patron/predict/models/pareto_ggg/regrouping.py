"""Moves of a spread together with the customers of whom little is known.

Their traits hardly differ from draws of the spread, and hold it where it is if they stay while it moves. So they move
along: z = (ln v - E ln v) / sd(ln v) stays, where ln v has the mean digamma(a) - ln b and the variance trigamma(a).
That is a partly non-centred parametrisation (Papaspiliopoulos, Roberts and Skoeld, Statistical Science 22, 2007), here
in turn with the centred one of `heterogeneity` (Yu and Meng, JCGS 20, 2011).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, lgamma, log, sqrt

import numpy as np
import numpy.typing as npt
from scipy.special import digamma, polygamma

from patron.predict.models.likelihood.arrays import Floats
from patron.predict.models.pareto_ggg.heterogeneity import Spread, log_vague

_ACCEPTED = 0.44
"""The best share of accepted steps in one dimension."""


@dataclass
class Together:
    """A trait's spread with the logarithms and log-likelihoods of those that move along, and the height of all that."""

    spread: Spread
    logs: Floats
    heights: Floats
    height: float


class Regrouping:
    """Random steps of ln(shape) at the same mean, and of ln(rate). is_free: the customers who move along."""

    def __init__(self, is_free: npt.NDArray[np.bool_]) -> None:
        self.is_free, self.log_steps, self.moves = is_free, [-2.0, -2.0], 0

    def move(
        self,
        values: Floats,
        spread: Spread,
        heights: Floats,
        likelihood: Callable[[Floats], Floats],
        rng: np.random.Generator,
        *,
        adapts: bool,
    ) -> tuple[Floats, Spread, Floats]:
        """Return new values, spread and log-likelihoods. likelihood: of values of those who move. adapts: the steps."""
        logs, fixed = np.log(values), np.log(values[~self.is_free])
        scores = (logs[self.is_free] - _mean(spread)) / _deviation(spread)

        def place(at: Spread) -> Together:
            own = _mean(at) + _deviation(at) * scores
            return _measure(at, own, likelihood(np.exp(own)), fixed)

        now = _measure(spread, logs[self.is_free], heights[self.is_free], fixed)
        self.moves += 1
        for part in (0, 1):
            grown = exp(exp(self.log_steps[part]) * rng.standard_normal())
            new = place(Spread(now.spread.shape * (grown if part == 0 else 1.0), now.spread.rate * grown))
            is_accepted = log(rng.random()) < new.height - now.height
            now = new if is_accepted else now
            if adapts:
                self.log_steps[part] += (is_accepted - _ACCEPTED) * min(1.0, 10 / (self.moves + 5))
        return self._put(values, np.exp(now.logs)), now.spread, self._put(heights, now.heights)

    def _put(self, of_all: Floats, of_free: Floats) -> Floats:
        found = of_all.copy()
        found[self.is_free] = of_free
        return found


def _measure(spread: Spread, logs: Floats, heights: Floats, fixed: Floats) -> Together:
    """Add up the log-density of spread, scores, the others' traits, and what all did; NaN where it is out of range."""
    both = _sum_density(spread, fixed) + _sum_density(spread, logs) + len(logs) * log(_deviation(spread))
    prior = log_vague(spread.shape) + log_vague(spread.rate)
    return Together(spread, logs, heights, prior + both + float(heights.sum()))


def _sum_density(spread: Spread, logs: Floats) -> float:
    each = spread.shape * log(spread.rate) - lgamma(spread.shape)
    return len(logs) * each + spread.shape * float(logs.sum()) - spread.rate * float(np.exp(logs).sum())


def _mean(spread: Spread) -> float:
    return float(digamma(spread.shape)) - log(spread.rate)


def _deviation(spread: Spread) -> float:
    return sqrt(float(polygamma(1, spread.shape)))
