"""Averages expected purchases at each stage over the dropout probability, and sums them over horizons.

With u = t / (alpha + T), what a living customer will buy within t is a function of x and u alone. Of many horizons and
ages it is computed at Chebyshev's points of ln(u), and evaluated between them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.polynomial import chebyshev

from patron.predict.models import beta_quadrature
from patron.predict.models.interpolate_age import fit_series, place_points
from patron.predict.models.likelihood.arrays import Floats
from patron.predict.models.stage_counts import expect_capped

_PER_UNIT = 11
"""Points for each unit of a logarithm, and one more for every two stages, as purchases rise in steps: to 1e-6."""

_NO_STOP = 1e-100


def count_points_per_unit(stages: int) -> int:
    """Return how many points to interpolate between for each unit of a logarithm."""
    return _PER_UNIT + stages // 2


@dataclass(frozen=True)
class StageExpectations:
    """Expected purchases of customers who are alive at each of k stages: p ~ Beta(a, b + x + first_coin).

    r, alpha, a, b: the parameters of a model.
    """

    stages: int
    r: float
    alpha: float
    a: float
    b: float
    first_coin: int

    def sum(self, ahead: Floats, drop: Floats, x: Floats, now: Floats) -> Floats:
        """Compute the sum over horizons of drop x E[f(p)] for each stage, (stages, rows). ahead: (rows, horizons)."""
        u = ahead / (self.alpha + now)[:, None]
        values, which = np.unique(x, return_inverse=True)
        if u.size and u.min() > 0:
            middle, half, at = place_points(np.log(u.min()), np.log(u.max()), count_points_per_unit(self.stages))
            if u.size > 2 * len(at) * len(values):
                return self._interpolate(u, drop, values, which, np.exp(middle + half * at), (middle, half, at))
        return self._average(u, drop, x)

    def _interpolate(
        self,
        u: Floats,
        drop: Floats,
        values: Floats,
        which: npt.NDArray[np.intp],
        points: Floats,
        scale: tuple[float, float, Floats],
    ) -> Floats:
        """Interpolate purchases per u, which vary less than purchases."""
        middle, half, at = scale
        every = self._average(np.tile(points, len(values))[:, None], np.ones(1), np.repeat(values, len(at)))
        per_u = every.reshape(self.stages * len(values), len(at)) / points
        terms = fit_series(at, per_u.T).reshape(len(at), self.stages, len(values))
        basis = np.zeros((len(u), len(at)))
        for j, weight in enumerate(drop):
            basis += (weight * u[:, j, None]) * chebyshev.chebvander((np.log(u[:, j]) - middle) / half, len(at) - 1)
        found = np.empty((self.stages, len(u)))
        for number in range(len(values)):
            rows = which == number
            found[:, rows] = (basis[rows] @ terms[:, :, number]).T
        return np.maximum(found, 0.0)

    def _average(self, u: Floats, drop: Floats, x: Floats) -> Floats:
        m = self.r + self.stages * x
        values, which = np.unique(x, return_inverse=True)

        def worth(rows: slice, p: Floats) -> Floats:
            return expect_capped(self.stages, m[rows, None], u[rows], drop, p)

        highest = 1 + (m + self.stages) * u.max(axis=1, initial=0.0) / self.stages
        rate = _find_steepness(worth(slice(None), np.full((len(m), 1), _NO_STOP)), worth, highest)
        fastest = np.zeros(len(values))
        np.maximum.at(fastest, which, rate[1].max(axis=0))
        at = beta_quadrature.nodes(self.a, self.b + values + self.first_coin, fastest)
        found: Floats = beta_quadrature.mean_of(worth, rate, which, at, width=2 * self.stages)
        return np.maximum(found, 0.0)


def _find_steepness(first: Floats, worth: beta_quadrature.Worth, highest: Floats) -> Floats:
    """Find the power of 1 - p that falls from f(0) as f does, by a short step; with f(0), (2, stages, rows)."""
    step, start = 1e-4 / highest, first[..., 0]
    fall = (start - worth(slice(None), step[:, None])[..., 0]) / (step * np.maximum(start, 1e-300))
    return np.stack([start, np.clip(fall, 1.0, 2 * highest)])
