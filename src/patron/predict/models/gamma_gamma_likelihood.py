"""The log-likelihood of the gamma-gamma model with its exact gradient and Hessian.

Fader and Hardie (2013), eq. 1a, of the mean m of x orders:

    ln L = ln[Gamma(p x + q) / (Gamma(p x) Gamma(q))] + q ln gamma + (p x - 1) ln m + p x ln x
        - (p x + q) ln(gamma + x m).
"""

from __future__ import annotations

import numpy as np
from scipy.special import digamma, gammaln

from patron.predict.models.gamma_gamma_data import Spending
from patron.predict.models.likelihood.arrays import Floats
from patron.predict.models.likelihood.chunks import sum_pieces
from patron.predict.models.likelihood.frequencies import count_frequencies
from patron.predict.models.likelihood.gamma_ratios import log_gamma_ratio, trigamma
from patron.predict.models.likelihood.newton import Derivatives, Objective, to_log_derivatives


class GammaGammaLikelihood(Objective):
    """The log-likelihood of some customers' spend as a function of ln(p, q, gamma)."""

    def __init__(self, seen: Spending) -> None:
        self.seen = seen
        self.by_frequency = count_frequencies(seen.frequency, seen.weights)
        self.log_value, self.orders = seen.total(np.log(seen.mean_value)), seen.total(seen.frequency)
        self.log_spent = seen.total(seen.frequency * np.log(seen.mean_value))

    def __call__(self, log_params: Floats) -> Derivatives:
        p, q, gamma = params = np.exp(log_params)
        value, gradient, hessian = self._frequency_terms(p, q, gamma)
        log, per, per_square, x_log, x_per = self._spend_sums(p, q, gamma)
        n = self.seen.customers
        value += p * self.log_spent - self.log_value - p * x_log - q * log
        gradient += [self.log_spent - x_log, -log, -p * x_per - q * per]
        hessian += [[0, 0, -x_per], [0, 0, -per], [-x_per, -per, per_square]]
        hessian[2, 2] -= n * q / gamma**2
        return to_log_derivatives(value, gradient, hessian, params)

    def _spend_sums(self, p: float, q: float, gamma: float) -> Floats:
        """Sum over customers, with d = gamma + x m: ln d, 1 / d, (p x + q) / d^2, x ln d, x / d."""
        seen = self.seen

        def piece(rows: slice) -> Floats:
            x = seen.frequency[rows]
            d = gamma + x * seen.mean_value[rows]
            weights = np.ones(len(x)) if seen.weights is None else seen.weights[rows]
            log, per, orders = np.log(d), 1 / d, x * weights
            both = p * orders + q * weights
            return np.array([weights @ log, weights @ per, both @ (per * per), orders @ log, orders @ per])

        return sum_pieces(piece, len(seen.frequency))

    def _frequency_terms(self, p: float, q: float, gamma: float) -> tuple[float, Floats, Floats]:
        """Compute the terms that depend on the number of orders alone, and q ln gamma."""
        x, n = self.by_frequency.values, self.by_frequency.customers
        x, n = x[n > 0], n[n > 0]
        customers = n.sum()
        shape, both = p * x, p * x + q
        value = n @ (log_gamma_ratio(shape, q) + shape * np.log(x))
        value += customers * (q * np.log(gamma) - gammaln(q))
        by_p = (n * x) @ (digamma(both) - digamma(shape) + np.log(x))
        by_q = n @ digamma(both) + customers * (np.log(gamma) - digamma(q))
        curves = trigamma(both)
        by_pp, by_pq = (n * x * x) @ (curves - trigamma(shape)), (n * x) @ curves
        by_qq = n @ curves - customers * trigamma(q)
        turn = customers / gamma
        hessian = np.array([[by_pp, by_pq, 0], [by_pq, by_qq, turn], [0, turn, 0]])
        return float(value), np.array([by_p, by_q, customers * q / gamma]), hessian
