"""Expected purchases of customers who pass k hidden stages before each, in closed form.

A living customer at stage j, with lambda ~ Gamma(n, alpha + T), n = m + j, passes N more stages within a time t, and
makes C = floor((j + N) / k) purchases unless they stop before, with probability p after each. With q = 1 - p and
u = t / (alpha + T), they are expected to make f(p) = E[(1 - q^C) / p]. The k-th roots of unity omega^l pick the stages
at which a purchase is made, and E[z^N] = (1 + u (1 - z))^-n, so that with z_l = q^(1/k) omega^l

    f(p) = 1 / p - 1 / (k q) x sum over l of z_l^(j+1) / (1 - z_l) x (1 + u (1 - z_l))^-n,

a sum of k terms; it is real, as roots come in conjugate pairs. For a small p, the first is joined with 1 / p; near
p = 1, where they cancel, f is P(C >= 1) + q P(C >= 2).
"""

from __future__ import annotations

import numpy as np
from scipy.special import betainc

from patron.predict.models.likelihood.arrays import Floats

_NEARLY_ONE = 1e-5
"""The q below which two terms of the series in q are enough: the third is below 1e-10."""

_NOTHING = 50.0
"""Terms of roots other than 1 below e^-50 are left out."""


def expect_capped(stages: int, trials: Floats, ahead: Floats, drop: Floats, p: Floats) -> Floats:
    """Compute the sum over horizons of drop x f(p) for each stage: (stages, rows, nodes).

    trials: m, (rows, 1). ahead: u, (rows, horizons). drop: (horizons,). p: (rows, nodes).
    """
    with np.errstate(divide="ignore"):
        log_q = np.log1p(-p)
    q = np.exp(log_q)
    is_near = q < _NEARLY_ONE
    log_q, p = np.where(is_near, -1.0, log_q), np.where(is_near, 1.0, p)
    found = _sum_steady_root(stages, trials, ahead, drop, log_q, p)
    for root in range(1, stages // 2 + 1):
        found -= (1 if 2 * root == stages else 2) * _sum_root(stages, trials, ahead, drop, log_q, root)
    if is_near.any():
        first, second = (_sum_reached(stages, trials, ahead, drop, purchases) for purchases in (1, 2))
        found = np.where(is_near, first + q * second, found)
    return found


def _sum_steady_root(stages: int, trials: Floats, ahead: Floats, drop: Floats, log_q: Floats, p: Floats) -> Floats:
    """Compute 1 / p less the term of the root 1, without cancellation: (1 - A + A (1 - B)) / p of each stage.

    A is the mean of z^(j - s) over s = 0 ... k - 1, B the generating function, both 1 at p = 0.
    """
    rest = -np.expm1(log_q / stages)
    gone = np.zeros((stages, *p.shape))
    for u, weight in zip(ahead.T[:, :, None], drop, strict=True):
        slowed = u * rest
        not_b = -np.expm1(-trials * np.log1p(slowed))
        gone[0] += weight * not_b
        if stages > 1:
            slowed /= 1 + slowed
        for stage in range(1, stages):
            not_b += (1 - not_b) * slowed
            gone[stage] += weight * not_b
    powers = {d: np.expm1(d / stages * log_q) for d in range(1 - stages, stages)}
    off = np.stack([sum(powers[stage - s] for s in range(stages)) / stages for stage in range(stages)])
    found: Floats = ((1 + off) * gone - off * drop.sum()) / p
    return found


def _sum_root(stages: int, trials: Floats, ahead: Floats, drop: Floats, log_q: Floats, root: int) -> Floats:
    """Compute the real part of the term of another root, for each stage. The root -1 needs no complex numbers."""
    direction = -1.0 if 2 * root == stages else np.exp(2j * np.pi * root / stages)
    least = 1 - max(direction.real, 0.0)
    matters = [j for j, u in enumerate(ahead.T) if (trials[:, 0] * np.log1p(least * u)).min(initial=np.inf) < _NOTHING]
    if not matters:
        return np.zeros((stages, *log_q.shape))
    z = np.exp(log_q / stages) * direction
    left = 1 - z
    sums = np.zeros((stages, *z.shape), dtype=z.dtype)
    for j in matters:
        shrink = 1 / (1 + ahead[:, j, None] * left)
        power = drop[j] * np.exp(trials * np.log(shrink))
        sums[0] += power
        for stage in range(1, stages):
            power *= shrink
            sums[stage] += power
    factor = z / left / (stages * np.exp(log_q))
    found = np.zeros((stages, *z.shape))
    for stage in range(stages):
        found[stage] = (sums[stage] * factor).real
        factor = factor * z
    return found


def _sum_reached(stages: int, trials: Floats, ahead: Floats, drop: Floats, purchases: int) -> Floats:
    """Compute the sum over horizons of drop x P(so many purchases or more, if the customer does not stop)."""
    share = ahead / (1 + ahead)
    reached = [betainc(stages * purchases - stage, trials + stage, share) @ drop for stage in range(stages)]
    return np.stack(reached)[..., None]
