"""The log-likelihood of the BG/BB with its exact gradient and Hessian (Fader, Hardie and Shang 2010, eq. 7).

    L = B(alpha+x, beta+n-x) B(gamma, delta+n) / (B(alpha, beta) B(gamma, delta))
        + sum over m from t_x to n - 1 of B(alpha+x, beta+m-x) B(gamma+1, delta+m) / (B(alpha, beta) B(gamma, delta)):

the customer lives still, or lived through m opportunities. All arguments are a parameter plus a whole number, so gamma
functions are worked out once for each number.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.special import betaln, digamma, gammaln

from patron.predict.models.histories import Histories
from patron.predict.models.likelihood.arrays import Floats
from patron.predict.models.likelihood.chunks import sum_pieces
from patron.predict.models.likelihood.gamma_ratios import trigamma
from patron.predict.models.likelihood.log_sum_exp import log_sum, log_sums
from patron.predict.models.likelihood.newton import Derivatives, Objective, to_log_derivatives

Whole = npt.NDArray[np.int64]
_NUMBERS_A_PIECE = 1 << 16


class Lives:
    """The terms of each customer: column 0 is still alive, column i + 1 survived t_x + i opportunities."""

    def __init__(self, x: Floats, last: Floats, now: Floats) -> None:
        self.x, opportunities = x.astype(np.int64)[:, None], now.astype(np.int64)[:, None]
        first = last.astype(np.int64)[:, None]
        after = np.arange(int((opportunities - first).max(initial=0)))
        self.is_there = np.concatenate([np.ones_like(first, dtype=bool), after < opportunities - first], axis=1)
        lived = np.concatenate([opportunities, np.minimum(first + after, opportunities)], axis=1)
        self.lived: Whole = lived
        self.has_left = np.append(0, np.ones(len(after), dtype=np.int64))

    def log_terms(self, alpha: float, beta: float, gamma: float, delta: float) -> Floats:
        """Compute ln of each term; -inf where there is none."""
        m, x, left, most = self.lived, self.x, self.has_left, int(self.lived.max()) + 2
        tables = [
            gammaln(start + np.arange(most)) for start in (alpha, beta, alpha + beta, gamma, delta, gamma + delta)
        ]
        buys = tables[0][x] + tables[1][m - x] - tables[2][m]
        lives = tables[3][left] + tables[4][m] - tables[5][m + left]
        return np.where(self.is_there, buys + lives - betaln(alpha, beta) - betaln(gamma, delta), -np.inf)


def log_likelihood(params: Floats, x: Floats, last: Floats, now: Floats) -> Floats:
    """Compute ln L of each customer, shape (n,)."""
    return log_sum(Lives(x, last, now).log_terms(*params))


class BGBBLikelihood(Objective):
    """The log-likelihood of some customers as a function of ln(alpha, beta, gamma, delta)."""

    def __init__(self, seen: Histories) -> None:
        self.seen = seen
        self.rows = max(1, _NUMBERS_A_PIECE // int(seen.age.max() + 1))

    def __call__(self, log_params: Floats) -> Derivatives:
        params, seen = np.exp(log_params), self.seen

        def piece(rows: slice) -> Floats:
            weights = np.ones(rows.stop - rows.start) if seen.weights is None else seen.weights[rows]
            return _sums(params, Lives(seen.frequency[rows], seen.recency[rows], seen.age[rows]), weights)

        sums = sum_pieces(piece, seen.size, self.rows)
        return to_log_derivatives(sums[0], sums[1:5], sums[5:].reshape(4, 4), params)


def _sums(params: Floats, lives: Lives, weights: Floats) -> Floats:
    alpha, beta, gamma, delta = params
    m, x, left, most = lives.lived, lives.x, lives.has_left, int(lives.lived.max()) + 2
    slope = np.zeros((4, *m.shape))
    curve: dict[tuple[int, int], Floats] = {}
    for i, one, other, ones, others, both in ((0, alpha, beta, x, m - x, m), (2, gamma, delta, left, m, m + left)):
        slopes = [_above(digamma, start, most) for start in (one, other, one + other)]
        curves = [_above(_trigamma, start, most) for start in (one, other, one + other)]
        slope[i], slope[i + 1] = slopes[0][ones] - slopes[2][both], slopes[1][others] - slopes[2][both]
        curve |= {(i, i): curves[0][ones] - curves[2][both], (i, i + 1): -curves[2][both]}
        curve[i + 1, i + 1] = curves[1][others] - curves[2][both]
    return log_sums(lives.log_terms(*params), slope, curve, weights)


def _above(function: Callable[[Floats], Floats], start: float, most: int) -> Floats:
    """Compute f(start + j) - f(start) for j from 0, the terms of a ratio of beta functions."""
    values = function(start + np.arange(most, dtype=np.float64))
    above: Floats = values - values[0]
    return above


def _trigamma(values: Floats) -> Floats:
    found: Floats = trigamma(values)
    return found
