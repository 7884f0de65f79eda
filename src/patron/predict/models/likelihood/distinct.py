"""Finds the distinct integers of an array: by counting instead of sorting, if they are close together."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_NUMBERS_A_ROW, _SMALL = 8, 1 << 20


def find_distinct(key: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the distinct numbers (0 or more), ascending, and the position of each entry among them, as np.unique."""
    highest = int(key.max(initial=-1))
    if highest >= _NUMBERS_A_ROW * len(key) + _SMALL:
        values, place = np.unique(key, return_inverse=True)
        return values, place
    is_met = np.zeros(highest + 1, dtype=bool)
    is_met[key] = True
    return np.flatnonzero(is_met), (np.cumsum(is_met, dtype=np.int64) - 1)[key]
