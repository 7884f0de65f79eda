"""Computes the integral of the Pareto/NBD in logarithms: a customer bought x times, and left between two times.

    I = integral from t_1 to t_2 of (alpha + u)^-e (beta + u)^-f du,

for the likelihood with e = r + x, f = s + 1, t_1 = t_x, t_2 = T (Fader and Hardie 2005, A Note on Deriving the
Pareto/NBD Model, before it becomes a difference of two hypergeometric functions, which loses all digits for heavy
buyers). With mu the smaller of alpha and beta, v = ln[(mu + u) / (mu + t_1)] and c = |alpha - beta| / (mu + t_1), the
integrand is a power of e^v times a power of e^v + c, analytic within |Im v| < pi: Gauss and Legendre's rule converges
exponentially.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from patron.predict.models.likelihood.arrays import Floats
from patron.predict.models.likelihood.log_sum_exp import log_sum

NODES = 32
"""Enough for any parameters and histories (measured: 1e-12)."""

_FEWER, _ALIKE = (8, 12, 16, 24), 1e-12
_DEPTH = 38.0
"""What lies e^-38 below the highest place is left out."""


def nodes(
    alpha: float, beta: float, e: Floats, f: float, start: Floats, end: Floats, count: int = NODES
) -> tuple[Floats, Floats]:
    """Compute times u between start and end, and the logarithms of their weights: both (rows, count)."""
    low, high = min(alpha, beta), max(alpha, beta)
    power_low, power_high = (e, f) if alpha <= beta else (f, e)
    c = (high - low) / (low + start)
    length = np.minimum(np.log1p((end - start) / (low + start)), _reach(power_low, power_high, c))
    points, weights = _rule(count)
    v = length[:, None] * (points + 1) / 2
    stretched = (low + start)[:, None] * np.expm1(v)
    with np.errstate(divide="ignore"):  # an interval of no length weighs nothing
        log_length = np.log(length / 2)
    log_weights = (log_length + np.log(low + start))[:, None] + v + np.log(weights)
    return start[:, None] + stretched, log_weights


@cache
def _rule(count: int) -> tuple[Floats, Floats]:
    """Compute the Gauss-Legendre rule on -1 to 1: points and weights. Cached, as it is slower than most integrals."""
    points, weights = np.polynomial.legendre.leggauss(count)
    return points, weights


def log_integral(
    alpha: float, beta: float, e: Floats, f: float, start: Floats, end: Floats, count: int = NODES, power: int = 0
) -> Floats:
    """Compute ln I of each row; -inf if start is end. alpha, beta, f: numbers. The others: shape (rows,).

    power: of u - t_1, by which the integrand is multiplied as well; at most e.
    """
    u, log_weights = nodes(alpha, beta, e - power, f, start, end, count)
    terms = log_weights - e[:, None] * np.log(alpha + u) - f * np.log(beta + u)
    if power:
        with np.errstate(divide="ignore"):
            terms += power * np.log(u - start[:, None])
    return log_sum(terms)


def count_nodes_needed(alpha: float, beta: float, e: Floats, f: float, start: Floats, end: Floats) -> int:
    """Return the fewest nodes that give the integrals of these rows to 1e-12, usually a fraction of NODES."""
    most = log_integral(alpha, beta, e, f, start, end)
    for count in _FEWER:
        few = log_integral(alpha, beta, e, f, start, end, count)
        if np.array_equal(few, most) or np.nanmax(np.abs(few - most)) < _ALIKE:
            return count
    return NODES


def _reach(power_low: float | Floats, power_high: float | Floats, c: Floats) -> Floats:
    """Find v beyond which the integrand e^((1 - power_low) v) ((e^v + c) / (1 + c))^-power_high is below e^-_DEPTH.

    By its first factor alone where that falls, and by its second; where the first grows, its growth is at most that of
    (1 + c) times a power of the second.
    """
    growth = np.maximum(1 - np.asarray(power_low), 0)
    with np.errstate(over="ignore", divide="ignore"):
        by_low = np.where(growth > 0, np.inf, _DEPTH / np.maximum(np.asarray(power_low) - 1, 1e-300))
        depth = (_DEPTH + growth * np.log1p(c)) / np.maximum(power_high - growth, 1e-300)
        by_high = np.log1p((1 + c) * np.expm1(depth))
    reach: Floats = np.minimum(by_low, by_high)
    return reach
