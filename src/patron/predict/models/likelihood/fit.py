"""Maximum likelihood: several starts on a coarse picture of the customers, then up to every one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from patron.predict.models.likelihood.arrays import Floats
from patron.predict.models.likelihood.newton import Climb, Derivatives, Objective, agree, climb, climb_all, highest

_WIDEST = 3.0
"""Standard error of a log-parameter of which the customers say nothing; a factor of 20 each way."""


@dataclass(frozen=True)
class Convergence:
    """How the parameters were found.

    starts: the parameters each start began with. log_likelihoods, iterations: where each ended, on the cells that the
    starts were tried on, and after how many steps. all_agree: whether all ended at the same height. gradient_norm: at
    the last place looked at, the length of the step that it led to, in standard errors. exact: whether every customer
    was looked at, or bins of at most 1.6%. at_edge: parameters that ran away, because the customers do not tell them.
    message: all of this in words.
    """

    starts: tuple[dict[str, float], ...]
    log_likelihoods: tuple[float, ...]
    iterations: tuple[int, ...]
    all_agree: bool
    gradient_norm: float
    exact: bool
    at_edge: tuple[str, ...]
    message: str


@dataclass(frozen=True)
class Fitted:
    """The end of a fit, by log-parameters."""

    log_params: Floats
    log_likelihood: float
    covariance: Floats
    convergence: Convergence


def maximise(
    levels: Sequence[Objective],
    starts: Sequence[Floats],
    middle: Floats,
    names: Sequence[str],
    *,
    penalty: float = 0.0,
    exact: bool = True,
) -> Fitted:
    """Climb from every start on the first level, and from the best end up through the other levels.

    levels: the log-likelihood on ever finer cells; the last is the one that counts. middle: the logarithms around which
    parameters are looked for, and towards which a penalty draws them.
    """
    drawn = [_Penalised(level, middle, penalty) if penalty else level for level in levels]
    climbs = climb_all(drawn[0], starts, middle)
    end = highest(climbs)
    for level in drawn[1:]:
        end = climb(level, end.place, middle)
    value = end.at.value + penalty * float(np.sum((end.place - middle) ** 2))
    return Fitted(end.place, value, covariance(end.at.hessian), _account(climbs, starts, end, names, exact))


def covariance(hessian: Floats) -> Floats:
    """The inverse of the observed information, no direction wider than _WIDEST."""
    curves, axes = np.linalg.eigh(-hessian)
    inverse: Floats = (axes / np.maximum(curves, _WIDEST**-2)) @ axes.T
    return inverse


class _Penalised(Objective):
    """Less penalty x the squares of log-parameters: a normal prior around `middle` of variance 1 / (2 penalty)."""

    def __init__(self, objective: Objective, middle: Floats, penalty: float) -> None:
        self.objective, self.middle, self.penalty = objective, middle, penalty

    def __call__(self, log_params: Floats) -> Derivatives:
        at, off = self.objective(log_params), log_params - self.middle
        value = at.value - self.penalty * float(off @ off)
        gradient = at.gradient - 2 * self.penalty * off
        return Derivatives(value, gradient, at.hessian - 2 * self.penalty * np.eye(len(off)))


def _account(
    climbs: Sequence[Climb], starts: Sequence[Floats], end: Climb, names: Sequence[str], exact: bool
) -> Convergence:
    at_edge = tuple(names[i] for i in _run_away(end))
    all_agree = agree(climbs)
    return Convergence(
        starts=tuple(
            {name: float(value) for name, value in zip(names, np.exp(start), strict=True)} for start in starts
        ),
        log_likelihoods=tuple(each.at.value for each in climbs),
        iterations=tuple(each.steps for each in climbs),
        all_agree=all_agree,
        gradient_norm=end.remaining,
        exact=exact,
        at_edge=at_edge,
        message=_message(len(climbs), all_agree, at_edge),
    )


def _run_away(end: Climb) -> list[int]:
    """Parameters at the edge of what is searched, or with no hilltop in their direction."""
    curves, axes = np.linalg.eigh(-end.at.hessian)
    flat = np.abs(axes[:, curves < _WIDEST**-2]).max(axis=1, initial=0) > 0.5
    return sorted({*end.held, *(int(i) for i in np.flatnonzero(flat))})


def _message(starts: int, all_agree: bool, at_edge: tuple[str, ...]) -> str:
    said = (
        f"All {starts} starts agree."
        if all_agree
        else f"The {starts} starts end at different heights; the highest is kept."
    )
    if at_edge:
        named = ", ".join(at_edge)
        said += (
            f" The customers do not tell {named}: values that are larger (or smaller) by far fit as well. What follows"
        )
        said += " from the parameters together holds, one by one they mean nothing; penalty=0.1 would bound them."
    return said
