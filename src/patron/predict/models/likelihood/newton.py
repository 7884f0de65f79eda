"""Newton's method on a log-likelihood in log-parameters, from several starts, with a record of each."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from patron.predict.models.likelihood.arrays import Floats

TOLERANCE = 1e-4
"""The step that moves no parameter by more than this share is the last: the remaining error is of the order of its
square, so the log-likelihood is not evaluated there again.
"""

REACH = 12.0
"""Parameters are searched between e^-12 and e^12 (160,000), in units of the mean age."""

_LONGEST_STEP = 2.0
_MOST_STEPS = 200
_SAME_HEIGHT, _ROUNDING = 1e-4, 1e-9
"""Starts agree when their log-likelihoods differ by less than this, or by this share of it."""


@dataclass(frozen=True)
class Derivatives:
    """A log-likelihood with its gradient (p) and Hessian (p, p) by log-parameters."""

    value: float
    gradient: Floats
    hessian: Floats


class Objective(ABC):
    """A log-likelihood as a function of log-parameters, shape (p,)."""

    @abstractmethod
    def __call__(self, log_params: Floats) -> Derivatives:
        """Compute the log-likelihood with its derivatives."""

    def value(self, log_params: Floats) -> float:
        """Compute the log-likelihood alone, bit-identical to that of `__call__`; overridden where it is cheaper."""
        return self(log_params).value


def to_log_derivatives(value: float, gradient: Floats, hessian: Floats, params: Floats) -> Derivatives:
    """Turn derivatives by parameters into derivatives by their logarithms."""
    slopes = params * gradient
    return Derivatives(float(value), slopes, params[:, None] * hessian * params + np.diag(slopes))


@dataclass(frozen=True)
class Climb:
    """The end of one start. remaining: length of the last step, in standard errors. held: parameters at an edge."""

    place: Floats
    at: Derivatives
    steps: int
    remaining: float
    held: tuple[int, ...]


def climb(objective: Objective, start: Floats, middle: Floats) -> Climb:
    """Climb from `start` within REACH of `middle`, by Newton steps that are shortened until each goes up."""
    lower, upper = middle - REACH, middle + REACH
    place = np.clip(start, lower, upper)
    at = objective(place)
    steps, remaining, free = 0, np.inf, np.ones(len(place), dtype=bool)
    while steps < _MOST_STEPS:
        free = ~(((place <= lower) & (at.gradient < 0)) | ((place >= upper) & (at.gradient > 0)))
        step, remaining = newton_step(at, free)
        if np.abs(step).max() < TOLERANCE:
            place, at = np.clip(place + step, lower, upper), _after(at, step)
            break
        found = _higher(objective, place, at, step, lower, upper)
        if found is None:  # rounding hides any further ascent
            break
        place, at = found
        steps += 1
    return Climb(place, at, steps, remaining, tuple(int(i) for i in np.flatnonzero(~free)))


def newton_step(at: Derivatives, free: np.ndarray | None = None) -> tuple[Floats, float]:
    """Return the step uphill among the free parameters, and its length in standard errors.

    Where the surface is not concave (an eigenvalue of the wrong sign), the size of the curvature sets the step.
    """
    free = np.ones(len(at.gradient), dtype=bool) if free is None else free
    step = np.zeros(len(at.gradient))
    if not free.any():
        return step, 0.0
    curves, axes = np.linalg.eigh(-at.hessian[np.ix_(free, free)])
    pace = np.maximum(np.abs(curves), 1e-10 * max(np.abs(curves).max(), 1e-300))
    along = axes.T @ at.gradient[free]
    step[free] = axes @ (along / pace)
    remaining = float(np.sqrt(np.sum(along**2 / pace)))
    return step * min(1.0, _LONGEST_STEP / max(np.abs(step).max(), 1e-300)), remaining


def _after(at: Derivatives, step: Floats) -> Derivatives:
    """Return the quadratic approximation at the end of a short step."""
    value = at.value + float(at.gradient @ step + step @ at.hessian @ step / 2)
    return Derivatives(value, at.gradient + at.hessian @ step, at.hessian)


def _higher(
    objective: Objective, place: Floats, at: Derivatives, step: Floats, lower: Floats, upper: Floats
) -> tuple[Floats, Derivatives] | None:
    """Return the first of ever shorter steps that goes up, and the derivatives there; None if none does."""
    for halving in range(40):
        next_place = np.clip(place + step * 0.5**halving, lower, upper)
        enough = at.value + 1e-4 * float(at.gradient @ (next_place - place))
        if halving == 0:
            if (found := objective(next_place)).value > enough:
                return next_place, found
        elif objective.value(next_place) > enough:
            return next_place, objective(next_place)
    return None


def climb_all(objective: Objective, starts: Sequence[Floats], middle: Floats) -> list[Climb]:
    """Climb from every start, in the order given."""
    return [climb(objective, start, middle) for start in starts]


def find_highest(climbs: Sequence[Climb]) -> Climb:
    """Return the climb with the highest log-likelihood; of equal ones, the first."""
    return max(climbs, key=lambda end: end.at.value)


def do_agree(climbs: Sequence[Climb]) -> bool:
    """Return whether every start ended at the same log-likelihood."""
    heights = [end.at.value for end in climbs]
    return max(heights) - min(heights) <= max(_SAME_HEIGHT, _ROUNDING * abs(max(heights)))
