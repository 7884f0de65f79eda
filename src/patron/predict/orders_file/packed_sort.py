"""Fetches packed orders from the engine and sorts them in place, on all cores."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import duckdb
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]

_BATCH = 1 << 20
_GROWTH = 1.25


def fetch_sorted(engine: duckdb.DuckDBPyConnection, sql: str, expected: int, threads: int) -> Ints:
    """Fetch the only column of `sql`, integers without nulls, in ascending order. expected: about how many."""
    rows = np.empty(max(expected, 1), dtype=np.int64)
    filled = 0
    for batch in engine.sql(sql).to_arrow_reader(_BATCH):
        numbers = batch.column(0).to_numpy()
        if filled + len(numbers) > len(rows):
            rows.resize(int((filled + len(numbers)) * _GROWTH), refcheck=False)
        rows[filled : filled + len(numbers)] = numbers
        filled += len(numbers)
    rows.resize(filled, refcheck=False)
    _sort(rows, threads)
    return rows


def _sort(rows: Ints, threads: int) -> None:
    """Sort in place: partition first, then sort each part in a thread of its own."""
    parts = max(1, min(threads, len(rows) >> 16))
    cuts = [len(rows) * part // parts for part in range(parts + 1)]
    if parts > 1:
        rows.partition(cuts[1:-1])
    with ThreadPoolExecutor(parts) as pool:
        list(pool.map(lambda ends: rows[ends[0] : ends[1]].sort(), pairwise(cuts)))
