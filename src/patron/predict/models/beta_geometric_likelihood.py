"""The log-likelihood of BG/NBD, MBG/NBD and their regular kin with its exact gradient and Hessian.

With d = 0 for BG/NBD (Fader, Hardie and Lee 2005, eq. 3) and d = 1 for MBG/NBD (Batislam et al. 2007), they are

    ln L = G(x) - (r + x) ln(alpha + T) + ln(1 + e^z),
    G(x) = ln[Gamma(r+x) alpha^r / Gamma(r)] + ln[Gamma(a+b) Gamma(b+x+d) / (Gamma(b) Gamma(a+b+x+d))],
    z    = ln a - ln(b + x + d - 1) + (r + x) ln[(alpha + T) / (alpha + t_x)],

and without ln(1 + e^z) where x + d = 0. e^z are the odds that the customer has left, so P(alive) = 1 / (1 + e^z): no
difference of large numbers anywhere, and nothing that could underflow. G depends on x alone and is summed over
frequencies, not over customers. With k stages before each purchase, erlang_stages has what is added.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from scipy.special import digamma, expit

from patron.predict.models.erlang_stages import sum_stage_derivatives, sum_stage_values
from patron.predict.models.histories import Histories
from patron.predict.models.likelihood.arrays import Floats
from patron.predict.models.likelihood.chunks import sum_pieces
from patron.predict.models.likelihood.frequencies import Frequencies, count_frequencies
from patron.predict.models.likelihood.gamma_ratios import log_gamma_ratio, trigamma
from patron.predict.models.likelihood.newton import Derivatives, Objective, to_log_derivatives

PAIRS = np.triu_indices(4)


class BetaGeometricLikelihood(Objective):
    """The log-likelihood of some customers as a function of ln(r, alpha, a, b)."""

    def __init__(self, seen: Histories, first_coin: int, stages: int = 1) -> None:
        self.seen, self.first_coin, self.stages = seen, first_coin, stages
        self.by_frequency: Frequencies = count_frequencies(seen.frequency, seen.weights)

    def __call__(self, log_params: Floats) -> Derivatives:
        params = np.exp(log_params)
        value, gradient, hessian = self._frequency_terms(*params)
        derivatives = _sum_derivatives if self.stages == 1 else partial(sum_stage_derivatives, self.stages)
        sums = self._sum_histories(derivatives, *params)
        value += sums[0]
        gradient += sums[1:5]
        hessian[PAIRS] += sums[5:]
        hessian[PAIRS[::-1]] = hessian[PAIRS]
        return to_log_derivatives(value, gradient, hessian, params)

    def value(self, log_params: Floats) -> float:
        params = np.exp(log_params)
        value = self._frequency_value(*params)
        values = _sum_values if self.stages == 1 else partial(sum_stage_values, self.stages)
        value += self._sum_histories(values, *params)[0]
        return float(value)

    def _frequency_value(self, r: float, alpha: float, a: float, b: float) -> float:
        """Compute G, summed over customers."""
        x, n = self.by_frequency.values, self.by_frequency.customers
        value = log_gamma_ratio(r, self.stages * x) + r * np.log(alpha)
        value += log_survival(a, b, x + self.first_coin)
        return float(n @ value)

    def _frequency_terms(self, r: float, alpha: float, a: float, b: float) -> tuple[float, Floats, Floats]:
        """Compute G, its gradient and Hessian (upper half), summed over customers."""
        x, n = self.by_frequency.values, self.by_frequency.customers
        coins, trials = x + self.first_coin, r + self.stages * x
        lost = digamma(a + b) - digamma(a + b + coins)
        slopes = (digamma(trials) - digamma(r) + np.log(alpha), r / alpha, lost, lost + digamma(b + coins) - digamma(b))
        curve = np.zeros((4, 4))
        lost_curve = trigamma(a + b) - trigamma(a + b + coins)
        curve[0, 0] = n @ (trigamma(trials) - trigamma(r))
        curve[0, 1], curve[1, 1] = n.sum() / alpha, -n.sum() * r / alpha**2
        curve[2, 2] = curve[2, 3] = n @ lost_curve
        curve[3, 3] = n @ (lost_curve + trigamma(b + coins) - trigamma(b))
        gradient = np.array([np.sum(n * slope) for slope in slopes])
        return self._frequency_value(r, alpha, a, b), gradient, curve

    def _sum_histories(self, sums: Callable[..., Floats], r: float, alpha: float, a: float, b: float) -> Floats:
        """Compute the terms of recency and age, by `sums`."""
        log_odds, per_coin = compute_odds(self.by_frequency.values + self.first_coin, a, b)
        trials = r + self.stages * self.by_frequency.values
        seen, place = self.seen, self.by_frequency.place

        def piece(rows: slice) -> Floats:
            which = place[rows]
            weights = None if seen.weights is None else seen.weights[rows]
            shared = trials[which], seen.recency[rows] + alpha, seen.age[rows] + alpha
            return sums(*shared, log_odds[which], per_coin[which], a, weights)

        return sum_pieces(piece, seen.size)


def _sum_values(
    trials: Floats,
    last: Floats,
    now: Floats,
    log_odds: Floats,
    _per_coin: Floats,
    _a: float,
    weights: Floats | None,
) -> Floats:
    """Compute the value alone, by the same operations as `_sum_derivatives`."""
    z = log_odds + trials * np.log(now / last)
    value = np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z))) - trials * np.log(now)
    return np.array([(np.ones_like(z) if weights is None else weights) @ value])


def _sum_derivatives(
    trials: Floats, last: Floats, now: Floats, log_odds: Floats, per_coin: Floats, a: float, weights: Floats | None
) -> Floats:
    """Compute the value, 4 slopes and 10 curves (upper half, by rows).

    trials: r + x. last, now: alpha + t_x, alpha + T. Derivatives of z: stretch, pull, 1 / a, -per_coin.
    """
    log_now, stretch = np.log(now), np.log(now / last)
    per_now, per_last = 1 / now, 1 / last
    gap = per_now - per_last
    z = log_odds + trials * stretch
    left = expit(z)
    value = np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z))) - trials * log_now
    pull = trials * gap
    if weights is None:
        weights = np.ones_like(z)
    w = left * weights
    v = w * (1 - left)
    w_gap = float(w @ gap)
    v_stretch, v_pull, v_coin = v * stretch, v * pull, v * per_coin
    square = weights * trials * per_now * per_now
    return np.array(
        [
            weights @ value,
            w @ stretch - weights @ log_now,
            w @ pull - weights @ (trials * per_now),
            w.sum() / a,
            -(w @ per_coin),
            v_stretch @ stretch,
            v_stretch @ pull + w_gap - weights @ per_now,
            v_stretch.sum() / a,
            -(v_stretch @ per_coin),
            v_pull @ pull + square.sum() - (w * trials) @ (per_now * per_now - per_last * per_last),
            v_pull.sum() / a,
            -(v_pull @ per_coin),
            (v.sum() - w.sum()) / a**2,
            -v_coin.sum() / a,
            v_coin @ per_coin + (w * per_coin) @ per_coin,
        ]
    )


def compute_odds(coins: Floats, a: float, b: float) -> tuple[Floats, Floats]:
    """Compute ln a - ln(b + coins - 1), the part of z that depends on frequency, and 1 / (b + coins - 1).

    Customers without a coin toss cannot have left: their odds are 0.
    """
    tossed = coins > 0
    tails = np.where(tossed, b + coins - 1, 1.0)
    return np.where(tossed, np.log(a) - np.log(tails), -np.inf), np.where(tossed, 1 / tails, 0.0)


def log_survival(a: float, b: float, coins: Floats) -> Floats:
    """Compute ln B(a, b + coins) / B(a, b)."""
    return log_gamma_ratio(b, coins) - log_gamma_ratio(a + b, coins)
