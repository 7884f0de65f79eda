"""The log-likelihood of the Pareto/NBD with its exact gradient and Hessian.

Fader and Hardie (2005), A Note on Deriving the Pareto/NBD Model, before its integral is solved:

    L = Gamma(r+x) / Gamma(r) alpha^r beta^s [(alpha + T)^-(r+x) (beta + T)^-s
        + s integral from t_x to T of (alpha + u)^-(r+x) (beta + u)^-(s+1) du].

By the nodes of pareto_integral the bracket is a sum of terms e^h, of which the first is the customer who is alive.
"""

from __future__ import annotations

import numpy as np
from scipy.special import digamma

from patron.predict.models import pareto_integral
from patron.predict.models.histories import Histories
from patron.predict.models.likelihood.arrays import Floats
from patron.predict.models.likelihood.chunks import sum_pieces
from patron.predict.models.likelihood.frequencies import Frequencies, count_frequencies
from patron.predict.models.likelihood.gamma_ratios import log_gamma_ratio, trigamma
from patron.predict.models.likelihood.log_sum_exp import log_sums
from patron.predict.models.likelihood.newton import Derivatives, Objective, to_log_derivatives

_SAMPLE = 512
_ROWS = 1 << 11
"""Customers a piece: times the nodes, a few columns of it fit a core's cache."""


class ParetoLikelihood(Objective):
    """The log-likelihood of some customers as a function of ln(r, alpha, s, beta)."""

    def __init__(self, seen: Histories) -> None:
        self.seen = seen
        extremes = [np.argmax(seen.frequency), np.argmax(seen.age), np.argmax(seen.age - seen.recency)]
        self.sample = np.append(np.arange(0, seen.size, max(1, seen.size // _SAMPLE)), extremes)
        self.by_frequency: Frequencies = count_frequencies(seen.frequency, seen.weights)

    def __call__(self, log_params: Floats) -> Derivatives:
        params = np.exp(log_params)
        value, gradient, hessian = self._frequency_terms(*params)
        seen, count = self.seen, self._count_nodes_needed(*params)

        def piece(rows: slice) -> Floats:
            weights = np.ones(rows.stop - rows.start) if seen.weights is None else seen.weights[rows]
            return _sums(params, seen.frequency[rows], seen.recency[rows], seen.age[rows], weights, count)

        sums = sum_pieces(piece, seen.size, _ROWS)
        value += sums[0]
        gradient += sums[1:5]
        hessian += sums[5:].reshape(4, 4)
        return to_log_derivatives(value, gradient, hessian, params)

    def _count_nodes_needed(self, r: float, alpha: float, s: float, beta: float) -> int:
        """Return the number of nodes that suffices for a sample of the customers, including the most extreme ones."""
        rows, seen = self.sample, self.seen
        e = r + seen.frequency[rows]
        with np.errstate(invalid="ignore"):  # of an interval of no length the logarithms are both -inf
            return pareto_integral.count_nodes_needed(alpha, beta, e, s + 1, seen.recency[rows], seen.age[rows])

    def _frequency_terms(self, r: float, alpha: float, s: float, beta: float) -> tuple[float, Floats, Floats]:
        """Sum the factors before the bracket over customers."""
        x, n = self.by_frequency.values, self.by_frequency.customers
        customers = n.sum()
        value = n @ (log_gamma_ratio(r, x)) + customers * (r * np.log(alpha) + s * np.log(beta))
        by_r = n @ (digamma(r + x) - digamma(r)) + customers * np.log(alpha)
        gradient = np.array([by_r, customers * r / alpha, customers * np.log(beta), customers * s / beta])
        hessian = np.zeros((4, 4))
        hessian[0, 0] = n @ (trigamma(r + x) - trigamma(r))
        hessian[0, 1] = hessian[1, 0] = customers / alpha
        hessian[2, 3] = hessian[3, 2] = customers / beta
        hessian[1, 1], hessian[3, 3] = -customers * r / alpha**2, -customers * s / beta**2
        return float(value), gradient, hessian


def _sums(params: Floats, x: Floats, last: Floats, now: Floats, weights: Floats, count: int) -> Floats:
    """Sum the bracket's logarithm, 4 slopes and 16 curves over customers."""
    r, alpha, s, beta = params
    e = r + x
    u, log_weights = pareto_integral.nodes(alpha, beta, e, s + 1, last, now, count)
    u = np.concatenate([now[:, None], u], axis=1)
    has_left = np.ones(u.shape[1])
    has_left[0] = 0.0
    log_alpha, log_beta = np.log(alpha + u), np.log(beta + u)
    h = -e[:, None] * log_alpha - (s + has_left) * log_beta
    h[:, 1:] += log_weights + np.log(s)
    per_alpha, per_beta = 1 / (alpha + u), 1 / (beta + u)
    pull_alpha, pull_beta = -e[:, None] * per_alpha, -(s + has_left) * per_beta
    slope = np.stack([-log_alpha, pull_alpha, has_left / s - log_beta, pull_beta])
    curve = {(0, 1): -per_alpha, (1, 1): -pull_alpha * per_alpha, (2, 2): -has_left / s**2}
    return log_sums(h, slope, {**curve, (2, 3): -per_beta, (3, 3): -pull_beta * per_beta}, weights)
