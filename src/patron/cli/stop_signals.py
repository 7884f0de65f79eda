"""Ctrl-C and SIGTERM as a wish to end soon, for commands that run until they are stopped."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def watch_stop_signals() -> Iterator[Callable[[], bool]]:
    """Give a function that says whether a signal came while the block runs; then signals act as before."""
    stop, before = threading.Event(), {}
    for number in (signal.SIGTERM, signal.SIGINT):
        before[number] = signal.signal(number, lambda *_: stop.set())
    try:
        yield stop.is_set
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
