"""Random lifetimes and counts, as floats: a lifetime may exceed the largest integer."""

from __future__ import annotations

import numpy as np

from patron.predict.errors import HistoryError
from patron.predict.models.likelihood.arrays import Floats

_MOST = 1e18
"""Whole numbers end at 9.2e18."""


def lifetimes_in_coins(stop: Floats, rng: np.random.Generator) -> Floats:
    """Draw the purchase after which a customer stops: geometric, at least 1, infinite where `stop` is 0."""
    with np.errstate(divide="ignore", over="ignore"):
        tosses: Floats = np.ceil(-rng.standard_exponential(np.shape(stop)) / np.log1p(-np.asarray(stop)))
    return np.maximum(tosses, 1.0)


def poisson_counts(mean: Floats, rng: np.random.Generator) -> Floats:
    """Draw purchases at a steady rate. Raises HistoryError if `mean` is too large."""
    if (highest := float(mean.max(initial=0.0))) > _MOST:
        what = f"{highest:.3g} expected purchases are too many to simulate."
        raise HistoryError(what, where="horizon", do="pass a shorter horizon")
    return rng.poisson(mean).astype(np.float64)
