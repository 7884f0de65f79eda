"""Evaluates slow functions once for each distinct tuple of their arguments."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from patron.predict.models.likelihood.arrays import Floats


def evaluate_distinct(function: Callable[..., Floats], *arguments: Floats) -> Floats:
    """Evaluate `function`, of flat arrays, at the distinct tuples of arguments that broadcast.

    It returns a value per tuple, (tuples,), or several, (values, tuples).
    """
    arrays = np.broadcast_arrays(*arguments)
    flat = [np.ascontiguousarray(array, dtype=np.float64).ravel() for array in arrays]
    if not flat[0].size:
        return np.zeros(arrays[0].shape)
    key = np.zeros(flat[0].size, dtype=np.int64)
    for column in flat:
        values, place = np.unique(column, return_inverse=True)
        _, key = np.unique(key * len(values) + place, return_inverse=True)
    first = np.zeros(int(key.max()) + 1, dtype=np.int64)
    first[key] = np.arange(len(key))
    found = function(*(column[first] for column in flat))
    return found[..., key].reshape((*found.shape[:-1], *arrays[0].shape))
