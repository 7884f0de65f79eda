"""Processes long arrays in pieces that fit the processor's cache, on all cores."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import reduce
from typing import TypeVar

from patron.predict.models.likelihood.arrays import Floats

T = TypeVar("T")

ROWS = 1 << 13
"""Rows a piece: a dozen columns of it fit a core's cache."""

_MOST_THREADS = 8
_WORTH_THREADS = 8
"""With fewer pieces than this, a second thread does not pay."""


def cut(size: int, rows: int = ROWS) -> Iterator[slice]:
    """Cut `size` rows into slices at fixed places, so that sums do not depend on the number of threads."""
    return (slice(start, min(start + rows, size)) for start in range(0, size, rows))


def map_pieces(work: Callable[[slice], T], size: int, rows: int = ROWS) -> list[T]:
    """Apply `work` to each piece, in order. numpy releases Python's lock, so threads help."""
    slices = list(cut(size, rows))
    if len(slices) < _WORTH_THREADS or (threads := _count_threads()) == 1:
        return [work(piece) for piece in slices]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, slices))


def _count_threads() -> int:
    return min(_MOST_THREADS, os.process_cpu_count() if hasattr(os, "process_cpu_count") else os.cpu_count() or 1)


def sum_pieces(work: Callable[[slice], Floats], size: int, rows: int = ROWS) -> Floats:
    """Sum what `work` returns for each piece."""
    return reduce(lambda one, other: one + other, map_pieces(work, size, rows))
