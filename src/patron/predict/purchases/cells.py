"""Customers with equal, or nearly equal, histories together in one cell: all that a likelihood needs of them.

A warehouse groups customers to distinct (frequency, recency, age) with counts; `distinct` does the same on arrays. `binned`
goes further, to bins whose edges grow by at most 1/2^bits of their value, each represented by its means: a small problem
to find the parameters on, before (or instead of) looking at every cell.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from patron.predict.purchases.histories import Floats, Histories

FINE, MIDDLE, COARSE = 6, 4, 2
"""Bits: bins at most 1.6%, 6% and 25% wide."""

_EARLY = 8
"""Times are binned by their distance from an eighth of the mean age before the first purchase: the models see times
only as alpha + t, so a per cent of a first day is no per cent of anything."""

_LARGEST_TABLE = 1 << 25
_MANTISSA = 52


def distinct(seen: Histories) -> Histories:
    """Equal histories as one cell, exactly, in a fixed order."""
    import duckdb
    import pyarrow as pa

    columns = {"frequency": seen.frequency, "recency": seen.recency, "age": seen.age}
    columns["weights"] = np.ones(seen.size) if seen.weights is None else seen.weights
    with duckdb.connect() as engine:
        engine.register("histories", pa.table(columns))
        found = engine.sql(
            "select frequency, recency, age, sum(weights) as weights from histories group by all order by all"
        ).fetchnumpy()
    return Histories(*(np.asarray(found[name], dtype=np.float64) for name in columns))


def binned(seen: Histories, bits: int) -> Histories:
    """Histories in bins of each of the three figures. Whole numbers below 2^(bits + 1) have a bin of their own."""
    early = seen.total(seen.age) / seen.customers / _EARLY
    age, ages = _bins(seen.age + early, bits)
    recency, recencies = _bins(seen.recency + early, bits)
    frequency, most = _bins(seen.frequency, bits)
    cell, cells = (frequency.astype(np.int64) * ages + age) * recencies + recency, most * ages * recencies
    if cells > _LARGEST_TABLE:
        _, cell = np.unique(cell, return_inverse=True)
        cells = int(cell.max()) + 1
    customers = np.bincount(cell, weights=seen.weights, minlength=cells)
    met = np.flatnonzero(customers)
    weights = customers[met].astype(np.float64)

    def mean(column: Floats) -> Floats:
        scaled = column if seen.weights is None else column * seen.weights
        means: Floats = np.bincount(cell, weights=scaled, minlength=cells)[met] / weights
        return means

    ages_of, recencies_of = mean(seen.age), mean(seen.recency)
    return Histories(mean(seen.frequency), np.minimum(recencies_of, ages_of), ages_of, weights)


def _bins(column: Floats, bits: int) -> tuple[npt.NDArray[np.int32], int]:
    """Each value's bin, numbered without gaps, and the number of bins.

    The leading bits of a float (sign, exponent, first bits of the mantissa) are a logarithmic bin already.
    """
    leading = (column.view(np.int64) >> (_MANTISSA - bits)).astype(np.int32)
    leading -= leading.min()
    is_met = np.bincount(leading) > 0
    number = (np.cumsum(is_met) - 1).astype(np.int32)
    return number[leading], int(number[-1]) + 1
