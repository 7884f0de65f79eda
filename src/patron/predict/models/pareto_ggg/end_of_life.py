"""Draws of when customers left, unobserved, after their last purchase."""

from __future__ import annotations

import numpy as np
from scipy.special import gammaincc

from patron.predict.models.likelihood.arrays import Floats
from patron.predict.models.pareto_ggg.likelihood import Traits

_MOST_ROUNDS = 100
_POINTS, _SHORTEST = 200, 1e-9
"""Of the grid for those who are left: very irregular customers, of whose draws few are kept."""


def draw_ends(silence: Floats, traits: Traits, rng: np.random.Generator) -> Floats:
    """Draw the time from the last purchase to the end of each life, of customers who left within their silence.

    Its density is proportional to e^(-mu u) x P(gap > u). P(gap > u) is that of a uniform share of a Gamma(k + 1)
    gap, but for a constant: such a draw is kept with probability e^(-mu u), if it is within the silence. Where that
    would seldom be (a short silence, or a high mu), the exponential is drawn, and kept if a new gap is longer.
    """
    found, left = np.empty(len(silence)), np.arange(len(silence))
    by_life = (traits.dropout > traits.rate) | (traits.rate * silence < 1)
    for _ in range(_MOST_ROUNDS):
        own, until, is_life = traits.select(left), silence[left], by_life[left]
        end = np.where(is_life, _draw_life(until, own, rng), _draw_share(own, rng))
        gap = rng.standard_gamma(own.regularity) / own.pace
        stays = rng.standard_exponential(len(left)) > own.dropout * end
        is_kept = np.where(is_life, gap > end, stays & (end < until))
        found[left[is_kept]] = end[is_kept]
        left = left[~is_kept]
        if not len(left):
            return found
    found[left] = _draw_on_grid(silence[left], traits.select(left), rng)
    return found


def _draw_life(until: Floats, traits: Traits, rng: np.random.Generator) -> Floats:
    """Draw an exponential time that ends within the silence."""
    ends = -np.expm1(-traits.dropout * until)
    found: Floats = -np.log1p(-rng.random(len(until)) * ends) / traits.dropout
    return found


def _draw_share(traits: Traits, rng: np.random.Generator) -> Floats:
    found: Floats = rng.random(len(traits.pace)) * rng.standard_gamma(traits.regularity + 1) / traits.pace
    return found


def _draw_on_grid(silence: Floats, traits: Traits, rng: np.random.Generator) -> Floats:
    """Draw from the density between the points of a grid, which is finer towards 0."""
    share = np.append(0.0, np.geomspace(_SHORTEST, 1.0, _POINTS))[:, None]
    at = share * silence
    density = np.exp(-traits.dropout * at) * gammaincc(traits.regularity, traits.pace * at)
    mass = np.cumsum((density[1:] + density[:-1]) / 2 * np.diff(at, axis=0), axis=0)
    place = (mass < rng.random(len(silence)) * mass[-1]).sum(axis=0).clip(0, _POINTS - 1)
    each = np.arange(len(silence))
    found: Floats = at[place, each] + rng.random(len(silence)) * (at[place + 1, each] - at[place, each])
    return found
