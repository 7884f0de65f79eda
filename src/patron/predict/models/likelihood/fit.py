"""Maximum likelihood: several starts on coarse bins of customers, then ever finer ones, up to every customer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from patron.predict.models.likelihood.arrays import Floats
from patron.predict.models.likelihood.newton import (
    Climb,
    Derivatives,
    Objective,
    climb,
    climb_all,
    do_agree,
    find_highest,
)

_WIDEST = 3.0
"""The standard error of a log-parameter that the data do not determine: a factor of 20 each way."""


@dataclass(frozen=True)
class Convergence:
    """The record of an optimisation.

    starts: the parameters of each start. log_likelihoods, iterations: the result of each, on the cells that starts were
    tried on, and its number of steps. all_agree: whether all ended at the same log-likelihood. gradient_norm: the
    length of the last step, in standard errors. exact: whether every customer was used, or bins of at most 1.6%.
    at_edge: parameters that diverged, because the data do not determine them. message: all of this as sentences.
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
    """The result of a fit. log_params: (p,). covariance: of the log-parameters, (p, p)."""

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
    """Maximise from every start on the first level, and from the best result on through the other levels.

    levels: the log-likelihood on ever finer cells; the last is the one that counts. middle: the logarithms around which
    parameters are searched, and towards which a penalty pulls them.
    """
    drawn = [_Penalised(level, middle, penalty) if penalty else level for level in levels]
    climbs = climb_all(drawn[0], starts, middle)
    end = find_highest(climbs)
    for level in drawn[1:]:
        end = climb(level, end.place, middle)
    value = end.at.value + penalty * float(np.sum((end.place - middle) ** 2))
    return Fitted(end.place, value, covariance(end.at.hessian), _summarise(climbs, starts, end, names, exact))


def covariance(hessian: Floats) -> Floats:
    """Invert the observed information, (p, p), with no direction wider than _WIDEST."""
    curves, axes = np.linalg.eigh(-hessian)
    inverse: Floats = (axes / np.maximum(curves, _WIDEST**-2)) @ axes.T
    return inverse


class _Penalised(Objective):
    """A penalised log-likelihood: with a normal prior of log-parameters around `middle`, variance 1 / (2 penalty)."""

    def __init__(self, objective: Objective, middle: Floats, penalty: float) -> None:
        self.objective, self.middle, self.penalty = objective, middle, penalty

    def __call__(self, log_params: Floats) -> Derivatives:
        at, off = self.objective(log_params), log_params - self.middle
        value = at.value - self.penalty * float(off @ off)
        gradient = at.gradient - 2 * self.penalty * off
        return Derivatives(value, gradient, at.hessian - 2 * self.penalty * np.eye(len(off)))


def _summarise(
    climbs: Sequence[Climb], starts: Sequence[Floats], end: Climb, names: Sequence[str], exact: bool
) -> Convergence:
    at_edge = tuple(names[i] for i in _find_diverged(end))
    all_agree = do_agree(climbs)
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
        message=_describe(len(climbs), all_agree, at_edge),
    )


def _find_diverged(end: Climb) -> list[int]:
    """Return the parameters at the edge of the search, or in whose direction the log-likelihood is flat."""
    curves, axes = np.linalg.eigh(-end.at.hessian)
    flat = np.abs(axes[:, curves < _WIDEST**-2]).max(axis=1, initial=0) > 0.5
    return sorted({*end.held, *(int(i) for i in np.flatnonzero(flat))})


def _describe(starts: int, all_agree: bool, at_edge: tuple[str, ...]) -> str:
    text = (
        f"All {starts} starts agree."
        if all_agree
        else f"The {starts} starts end at different log-likelihoods; the highest is kept."
    )
    if at_edge:
        named = ", ".join(at_edge)
        text += (
            f" The data do not determine {named}: far larger (or smaller) values fit as well. Predictions, which depend"
        )
        text += (
            " on all parameters together, remain valid; single ones are not meaningful; penalty=0.1 would bound them."
        )
    return text
