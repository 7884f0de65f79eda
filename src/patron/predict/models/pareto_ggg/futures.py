"""Purchases to come of customers whose traits are known, drawn one by one."""

from __future__ import annotations

import numpy as np
from scipy.special import gammaincc, gammainccinv

from patron.predict.models.likelihood.arrays import Floats
from patron.predict.models.pareto_ggg.likelihood import Traits


def draw_counts(horizon: float, silence: Floats, traits: Traits, rng: np.random.Generator) -> Floats:
    """Draw the number of purchases within the horizon of customers who are alive now.

    The gap that is under way is longer than the silence; those after it are whole, until the life or the horizon ends.
    """
    counts = np.zeros(len(silence))
    with np.errstate(over="ignore"):  # an infinite life is cut at the horizon
        until = np.minimum(rng.standard_exponential(len(silence)) / traits.dropout, horizon)
    spent = _draw_rest_of_gap(silence, traits, rng)
    left = np.flatnonzero(spent <= until)
    while len(left):
        counts[left] += 1
        spent[left] += rng.standard_gamma(traits.regularity[left]) / traits.pace[left]
        left = left[spent[left] <= until[left]]
    return counts


def _draw_rest_of_gap(silence: Floats, traits: Traits, rng: np.random.Generator) -> Floats:
    """Draw how much longer than the silence a gap is, given that it is longer, by inversion."""
    share = gammaincc(traits.regularity, traits.pace * silence) * (1 - rng.random(len(silence)))
    found: Floats = np.maximum(gammainccinv(traits.regularity, share) / traits.pace - silence, 0.0)
    return found
