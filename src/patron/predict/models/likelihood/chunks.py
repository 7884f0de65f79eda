"""Work on long arrays in pieces that stay in the processor's cache, on the cores there are."""

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
"""Fewer pieces than this are done before a second thread is awake."""


def pieces(size: int, rows: int = ROWS) -> Iterator[slice]:
    """Cut `size` rows into slices, always in the same places, so that sums do not depend on the number of threads."""
    return (slice(start, min(start + rows, size)) for start in range(0, size, rows))


def each(work: Callable[[slice], T], size: int, rows: int = ROWS) -> list[T]:
    """What `work` gives for each piece, in order. numpy lets go of Python's lock, so threads help."""
    cut = list(pieces(size, rows))
    if len(cut) < _WORTH_THREADS or (threads := _count_threads()) == 1:
        return [work(piece) for piece in cut]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, cut))


def _count_threads() -> int:
    return min(_MOST_THREADS, os.process_cpu_count() if hasattr(os, "process_cpu_count") else os.cpu_count() or 1)


def summed(work: Callable[[slice], Floats], size: int, rows: int = ROWS) -> Floats:
    """The sum of what `work` gives for each piece."""
    return reduce(lambda one, other: one + other, each(work, size, rows))
