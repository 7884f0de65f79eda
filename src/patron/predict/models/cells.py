"""Customers with equal, or nearly equal, histories together in one cell: all that a likelihood needs of them.

A warehouse groups customers to distinct (frequency, recency, age) with counts; `distinct` does the same on arrays.
`binned` goes further, to bins whose edges grow by at most 1/2^bits of their value, each represented by its means: a
small problem to find the parameters on, before (or instead of) looking at every cell.
"""

from __future__ import annotations

import numpy as np

from patron.predict.models.histories import Histories
from patron.predict.models.likelihood import bins

_ENOUGH = 300_000
_EARLY = 8
"""Times are binned by their distance from an eighth of the mean age before the first purchase: the models see times
only as alpha + t, so a per cent of a first day is no per cent of anything."""


def distinct(seen: Histories) -> Histories:
    """Equal histories as one cell, exactly, in a fixed order."""
    import pyarrow as pa

    columns = {"frequency": seen.frequency, "recency": seen.recency, "age": seen.age}
    columns["weights"] = np.ones(seen.size) if seen.weights is None else seen.weights
    by = ("frequency", "recency", "age")
    found = pa.table(columns).group_by(list(by)).aggregate([("weights", "sum")])
    found = found.sort_by([(name, "ascending") for name in by])
    return Histories(*(found[name].to_numpy() for name in (*by, "weights_sum")))


def sampled(seen: Histories) -> Histories:
    """Of very many single customers every n-th, enough to start from; cells with weights are few already."""
    stride = seen.size // _ENOUGH
    if seen.weights is not None or stride < 2:
        return seen
    return Histories(*(np.ascontiguousarray(c[::stride]) for c in (seen.frequency, seen.recency, seen.age)))


def binned(seen: Histories, bits: int) -> Histories:
    """Histories in bins of each of the three figures. Whole numbers below 2^(bits + 1) have a bin of their own."""
    early = seen.total(seen.age) / seen.customers / _EARLY
    keys = (seen.frequency, seen.age + early, seen.recency + early)
    (frequency, recency, age), weights = bins.means((seen.frequency, seen.recency, seen.age), keys, seen.weights, bits)
    return Histories(frequency, np.minimum(recency, age), age, weights)
