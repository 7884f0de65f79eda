"""Groups customers with equal, or nearly equal, histories into cells, which is all that a likelihood needs.

A warehouse groups customers to distinct (frequency, recency, age) with counts; `group_equal` does the same on
arrays. `group_similar` goes further, to bins whose edges grow by at most 1/2^bits of their value, each with its means:
a smaller problem, on which to find the parameters before (or instead of) using every cell.
"""

from __future__ import annotations

import numpy as np

from patron.predict.models.histories import Histories
from patron.predict.models.likelihood import bins

_ENOUGH = 300_000
_EARLY = 8
"""Times are binned by their distance from an eighth of the mean age before the first purchase: the models use times
only as alpha + t, so that a per cent of the first day is irrelevant."""


def group_equal(seen: Histories) -> Histories:
    """Group equal histories into one cell each, in ascending order."""
    import pyarrow as pa

    columns = {"frequency": seen.frequency, "recency": seen.recency, "age": seen.age}
    columns["weights"] = np.ones(seen.size) if seen.weights is None else seen.weights
    by = ("frequency", "recency", "age")
    found = pa.table(columns).group_by(list(by)).aggregate([("weights", "sum")])
    found = found.sort_by([(name, "ascending") for name in by])
    return Histories(*(found[name].to_numpy() for name in (*by, "weights_sum")))


def sample(seen: Histories) -> Histories:
    """Take every n-th of very many single customers, enough to start from; weighted cells are few already."""
    stride = seen.size // _ENOUGH
    if seen.weights is not None or stride < 2:
        return seen
    return Histories(*(np.ascontiguousarray(c[::stride]) for c in (seen.frequency, seen.recency, seen.age)))


def group_similar(seen: Histories, bits: int) -> Histories:
    """Group histories into bins of each of the three figures. Whole numbers below 2^(bits + 1) have their own bins."""
    early = seen.total(seen.age) / seen.customers / _EARLY
    keys = (seen.frequency, seen.age + early, seen.recency + early)
    (frequency, recency, age), weights = bins.means((seen.frequency, seen.recency, seen.age), keys, seen.weights, bits)
    return Histories(frequency, np.minimum(recency, age), age, weights)
