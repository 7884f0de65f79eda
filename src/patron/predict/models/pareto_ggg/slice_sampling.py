"""Slice sampling of one number (Neal, Slice sampling, Annals of Statistics 31, 2003)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

_UPDATES = 2


def draw_by_slices(height: Callable[[float], float], start: float, width: float, rng: np.random.Generator) -> float:
    """Draw from the density exp(height), by a chain that is at `start`. width: about that of the density."""
    at, top = start, height(start)
    for _ in range(_UPDATES):
        level = top - rng.standard_exponential()
        low = at - width * rng.random()
        high = low + width
        while height(low) > level:
            low -= width
        while height(high) > level:
            high += width
        at, top = _shrink(height, at, level, (low, high), rng)
    return at


def _shrink(
    height: Callable[[float], float], at: float, level: float, ends: tuple[float, float], rng: np.random.Generator
) -> tuple[float, float]:
    """Draw between the ends until one is above the level, moving the nearer end in each time."""
    low, high = ends
    while True:
        new = rng.uniform(low, high)
        if (found := height(new)) >= level:
            return new, found
        low, high = (new, high) if new < at else (low, new)
