"""Random numbers: one independent stream for each subject and slice of time.

Because each slice has streams of its own, a shop does not depend on how its lines are cut into batches,
and its orders can be drawn again without drawing what was bought.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


class Subject(IntEnum):
    """The subject of a stream. The numbers are part of the meaning of a seed, so they never change."""

    CUSTOMERS = 1
    CATALOGUE = 2
    ORDERS = 3
    LINES = 4
    DIRT = 5


def stream(seed: int, subject: Subject, index: int = 0) -> np.random.Generator:
    """Return the stream of one subject in one slice."""
    return np.random.default_rng((seed, int(subject), index))
