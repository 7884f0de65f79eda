"""Terms that depend on frequency alone are computed once per frequency."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from patron.predict.models.likelihood.arrays import Floats

_LONGEST_TABLE, _SHORT_TABLE, _PER_CELL = 1 << 20, 1 << 12, 4
"""A table has an entry for each count up to the highest: worth it where there are as many cells, or it is short."""


@dataclass(frozen=True)
class Frequencies:
    """The distinct frequencies.

    values: ascending. place: the position of each cell's frequency. customers: the number with each frequency.
    """

    values: Floats
    place: npt.NDArray[np.int32]
    customers: Floats


def count_frequencies(column: Floats, weights: Floats | None) -> Frequencies:
    """Count customers by frequency. Whole numbers need no sorting; fractions (means of binned cells) do."""
    highest = column.max()
    longest = min(_LONGEST_TABLE, max(_SHORT_TABLE, _PER_CELL * len(column)))
    place = column.astype(np.int32) if highest < longest else None
    if place is not None and np.array_equal(place, column):
        customers = np.bincount(place, weights=weights).astype(np.float64)
        values = np.arange(len(customers), dtype=np.float64)
        return Frequencies(values, place, customers)
    values, inverse = np.unique(column, return_inverse=True)
    return Frequencies(values, inverse.astype(np.int32), np.bincount(inverse, weights=weights).astype(np.float64))
