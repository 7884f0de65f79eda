"""Sums over the hidden stages between two purchases of a regular customer.

Between purchases such a customer passes k stages, each after an exponential time of rate lambda: gaps are Erlang-k.
Since the last purchase, a living customer has passed fewer than k of them. With m = r + k x, lambda ~ Gamma(r, alpha)
and w = (T - t_x) / (alpha + T), the chance to be alive without a purchase since then is proportional to

    S = sum of t_j over j < k,  t_j = m (m + 1) ... (m + j - 1) / j! x w^j,

of which t_j / S is the share at stage j, where lambda ~ Gamma(m + j, alpha + T). S is in the likelihood of the
(M)BG/CNBD-k (Reutterer, Platzer and Schroeder 2021): ln S is added to it, and taken off z (beta_geometric_likelihood).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.special import expit, gammainc

from patron.predict.models.histories import Histories
from patron.predict.models.likelihood.arrays import Floats

_TURNS, _MOST_UNSEEN = 8, 0.9
"""A customer of whose purchases nine of ten are unseen buys every day."""


def iterate_terms(stages: int, trials: Floats, share: Floats) -> Iterator[Floats]:
    """Yield t_0, t_1, ... of arrays that broadcast. trials: m. share: w."""
    term = np.ones(np.broadcast_shapes(np.shape(trials), np.shape(share)))
    yield term
    for stage in range(1, stages):
        term = term * ((trials + (stage - 1)) / stage) * share
        yield term


def log_stage_sum(stages: int, trials: Floats, share: Floats) -> Floats:
    """Compute ln S; 0 for one stage."""
    found: Floats = np.log(sum(iterate_terms(stages, trials, share)))
    return found


def log_unseen_gaps(stages: int, r: float, alpha: float, seen: Histories, resolution: float) -> float:
    """Sum, over all gaps, the logarithm of the probability that a gap is seen.

    Two purchases a time s apart are within one day with probability 1 - s, at most, so that a gap is unseen with
    P = integral of (1 - s) f(s) over s from 0 to 1, for the density f of an Erlang-k at the customer's expected rate.
    What is counted is that rate x (1 - P), from which it is found in a few turns.
    """
    counted = (r + stages * seen.frequency) / (alpha + seen.recency) * resolution
    rate, unseen = counted, np.zeros(len(counted))
    for _ in range(_TURNS):
        unseen = np.clip(gammainc(stages, rate) - stages / rate * gammainc(stages + 1, rate), 0.0, _MOST_UNSEEN)
        rate = counted / (1 - unseen)
    return seen.total(seen.frequency * np.log1p(-unseen))


def sum_stage_values(
    stages: int,
    trials: Floats,
    last: Floats,
    now: Floats,
    log_odds: Floats,
    _per_coin: Floats,
    _a: float,
    weights: Floats | None,
) -> Floats:
    """Compute the value alone, by the same operations as `sum_stage_derivatives`."""
    log_sum, *_ = _differentiate(stages, trials, last, now, value_only=True)
    z = log_odds + trials * np.log(now / last) - log_sum
    value = log_sum + np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z))) - trials * np.log(now)
    return np.array([(np.ones_like(z) if weights is None else weights) @ value])


def sum_stage_derivatives(
    stages: int,
    trials: Floats,
    last: Floats,
    now: Floats,
    log_odds: Floats,
    per_coin: Floats,
    a: float,
    weights: Floats | None,
) -> Floats:
    """Compute the value, 4 slopes and 10 curves (upper half, by rows) by r, alpha, a, b.

    trials: r + k x. last, now: alpha + t_x, alpha + T.
    """
    log_sum, by_r, by_alpha, by_rr, by_ra, by_aa = _differentiate(stages, trials, last, now)
    log_now, stretch = np.log(now), np.log(now / last)
    per_now, per_last = 1 / now, 1 / last
    z = log_odds + trials * stretch - log_sum
    left = expit(z)
    value = log_sum + np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z))) - trials * log_now
    n = np.ones_like(z) if weights is None else weights
    w, stays = left * n, (1 - left) * n
    v = w * (1 - left)
    slopes = stretch - by_r, trials * (per_now - per_last) - by_alpha, np.full_like(z, 1 / a), -per_coin
    curves = np.array([v @ (slopes[i] * slopes[j]) for i in range(4) for j in range(i, 4)])
    curves[0] += stays @ by_rr
    curves[1] += stays @ by_ra - n @ per_now + w @ (per_now - per_last)
    curves[4] += stays @ by_aa + n @ (trials * per_now**2) - w @ (trials * (per_now**2 - per_last**2))
    curves[7] -= w.sum() / a**2
    curves[9] += w @ per_coin**2
    base = n @ (by_r - log_now), n @ (by_alpha - trials * per_now), 0.0, 0.0
    return np.array([n @ value, *(own + w @ slope for own, slope in zip(base, slopes, strict=True)), *curves])


def _differentiate(
    stages: int, trials: Floats, last: Floats, now: Floats, *, value_only: bool = False
) -> tuple[Floats, ...]:
    """Compute ln S and its derivatives by r, alpha, r r, r alpha and alpha alpha.

    By r, t_j grows by h = the sum of 1 / (m + i) over i < j; by alpha, it falls by j / (alpha + T).
    """
    terms = iterate_terms(stages, trials, (now - last) / now)
    if value_only:
        return (np.log(sum(terms)),)
    sums = np.zeros((6, len(trials)))
    h, squares = np.zeros(len(trials)), np.zeros(len(trials))
    for stage, term in enumerate(terms):
        if stage:
            per_trial = 1 / (trials + (stage - 1))
            h, squares = h + per_trial, squares + per_trial**2
        grown = term * h
        for row, add in enumerate((term, grown, term * stage, grown * h - term * squares, grown * stage)):
            sums[row] += add
        sums[5] += term * (stage * (stage + 1))
    total = sums[0]
    by_r, fall, by_rr, by_ra, by_aa = sums[1:] / total
    by_alpha = -fall / now
    return (
        np.log(total),
        by_r,
        by_alpha,
        by_rr - by_r**2,
        -by_ra / now - by_r * by_alpha,
        by_aa / now**2 - by_alpha**2,
    )
