"""Draws of how customers differ: the shape and rate of a gamma distribution, given what is drawn from it.

Shapes and rates have the paper's vague priors, Gamma(0.001, 0.001). Given the shape, a rate has a gamma distribution,
so it is integrated out while the shape is drawn, and then drawn itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, lgamma, log, sqrt

import numpy as np
import numpy.typing as npt

from patron.predict.models.likelihood.arrays import Floats
from patron.predict.models.pareto_ggg.slice_sampling import draw_by_slices

VAGUE = 0.001


@dataclass(frozen=True)
class Spread:
    """A gamma distribution over customers."""

    shape: float
    rate: float


def log_vague(value: float) -> float:
    """Compute the log-density of the prior of ln(value), but for a constant."""
    return VAGUE * log(value) - VAGUE * value


def draw_spread(values: Floats, start: Spread, rng: np.random.Generator) -> Spread:
    """Draw the shape and rate of a gamma distribution, given customers' values, by a chain that is at `start`."""
    n, total, total_log = len(values), float(values.sum()), float(np.log(values).sum())

    def height(log_shape: float) -> float:
        shape = exp(log_shape)
        each = shape * total_log - n * lgamma(shape)
        return log_vague(shape) + each + lgamma(n * shape + VAGUE) - (n * shape + VAGUE) * log(total + VAGUE)

    shape = exp(draw_by_slices(height, log(start.shape), 4 / sqrt(n), rng))
    return Spread(shape, rng.gamma(n * shape + VAGUE) / (total + VAGUE))


def draw_lifetimes(
    lived: Floats, has_left: npt.NDArray[np.bool_], start: Spread, rng: np.random.Generator
) -> tuple[Spread, Floats]:
    """Draw the spread of dropout rates and the rates, given how long customers lived, or have lived so far.

    With the rates integrated out, lifetimes are Pareto: of density s beta^s / (beta + tau)^(s + 1), and
    (beta / (beta + T))^s to outlast T.
    """
    ended, left = lived[has_left], int(has_left.sum())

    def height(log_rate: float) -> float:
        rate = exp(log_rate)
        lasting = float(np.log1p(lived / rate).sum())
        return log_vague(rate) - float(np.log(rate + ended).sum()) - (left + VAGUE) * log(VAGUE + lasting)

    rate = exp(draw_by_slices(height, log(start.rate), 1.0, rng))
    shape = float(rng.standard_gamma(left + VAGUE)) / (VAGUE + float(np.log1p(lived / rate).sum()))
    rates = np.maximum(rng.standard_gamma(shape + has_left), 1e-200) / (rate + lived)
    return Spread(max(shape, 1e-200), rate), rates
