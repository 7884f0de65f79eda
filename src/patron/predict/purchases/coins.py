"""Random lives, as floats: a life may be longer than any whole number the computer has."""

from __future__ import annotations

import numpy as np

from patron.predict.likelihood.columns import Floats


def lifetimes_in_coins(stop: Floats, rng: np.random.Generator) -> Floats:
    """Tosses up to and with the first that stops: geometric, at least 1, infinite where `stop` is 0."""
    with np.errstate(divide="ignore", over="ignore"):
        tosses: Floats = np.ceil(-rng.standard_exponential(np.shape(stop)) / np.log1p(-np.asarray(stop)))
    return np.maximum(tosses, 1.0)
