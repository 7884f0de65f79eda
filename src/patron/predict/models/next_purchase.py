"""Finds the time by which the next purchase is made with a given probability."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from patron.predict.models.likelihood.arrays import Floats

Reached = Callable[[Floats, npt.NDArray[np.intp]], Floats]
"""The probability that some rows buy within some times: (times, rows), both (n,)."""

_SHORTEST, _NEAR = 1e-6, 1e-4
_MOST_STEPS = 60


def find_times(reached: Reached, chance: Floats, longest: float) -> Floats:
    """Find the time of each row by which `reached` is `chance`, to 1e-4 of it; NaN if that is after `longest`.

    By regula falsi in the logarithm of time, with the Illinois rule: an end that stays counts half.
    """
    found, rows = np.full(len(chance), np.nan), np.arange(len(chance))
    ends = np.log([[longest * _SHORTEST], [longest]]) * np.ones(len(chance))
    off = np.stack([reached(np.exp(end), rows) - chance for end in ends])
    found[off[0] >= 0] = longest * _SHORTEST
    rows = np.flatnonzero((off[0] < 0) & (off[1] >= 0))
    ends, off, last = ends[:, rows], off[:, rows], ends[0, rows]
    side = np.zeros(len(rows), dtype=np.intp)
    for _ in range(_MOST_STEPS):
        if not len(rows):
            break
        at = (ends[0] * off[1] - ends[1] * off[0]) / (off[1] - off[0])
        value = reached(np.exp(at), rows) - chance[rows]
        is_done = (np.abs(at - last) < _NEAR) | (value == 0)
        found[rows] = np.exp(at)
        new_side, each = (value >= 0).astype(np.intp), np.arange(len(rows))
        off[1 - new_side, each] *= np.where(new_side == side, 0.5, 1.0)
        ends[new_side, each], off[new_side, each] = at, value
        rows, ends, off, last, side = (
            rows[~is_done],
            ends[:, ~is_done],
            off[:, ~is_done],
            at[~is_done],
            new_side[~is_done],
        )
    return found
