"""Groups rows into logarithmic bins of several columns, and represents each bin by its means."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from patron.predict.models.likelihood.arrays import Floats

FINE, MIDDLE, COARSE = 6, 4, 2
"""Bits: bins at most 1.6%, 6% and 25% wide."""

_LARGEST_TABLE = 1 << 25
_MANTISSA = 52


def means(
    columns: Sequence[Floats], keys: Sequence[Floats], weights: Floats | None, bits: int
) -> tuple[list[Floats], Floats]:
    """Compute the mean of each column in each non-empty bin of the keys (0 or more), and the weights of the bins."""
    cell, count = np.zeros(len(keys[0]), dtype=np.int64), 1
    for key in keys:
        number, numbers = _bins(key, bits)
        cell, count = cell * numbers + number, count * numbers
    if count > _LARGEST_TABLE:
        _, cell = np.unique(cell, return_inverse=True)
        count = int(cell.max()) + 1
    weight = np.bincount(cell, weights=weights, minlength=count)
    met = np.flatnonzero(weight)
    totals = weight[met].astype(np.float64)
    scaled = columns if weights is None else [column * weights for column in columns]
    return [np.bincount(cell, weights=each, minlength=count)[met] / totals for each in scaled], totals


def _bins(key: Floats, bits: int) -> tuple[npt.NDArray[np.int32], int]:
    """Return the bin of each value, numbered without gaps, and the number of bins.

    The leading bits of a float (sign, exponent, first bits of the mantissa) are a logarithmic bin already.
    """
    leading = (key.view(np.int64) >> (_MANTISSA - bits)).astype(np.int32)
    leading -= leading.min()
    is_met = np.bincount(leading) > 0
    number = (np.cumsum(is_met) - 1).astype(np.int32)
    return number[leading], int(number[-1]) + 1
