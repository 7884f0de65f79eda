"""Wrong passwords cost time: after a few of them, each lengthens the wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

_FREE = 5
_FIRST_WAIT = 5.0
_LONGEST_WAIT = 900.0
_FORGOTTEN_AFTER = 3600.0
_MOST_NAMES = 10_000


@dataclass
class _Failures:
    count: int
    last: float


class Throttle:
    """Of one server: how long a name must wait. clock: seconds, only forward."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: dict[str, _Failures] = {}
        self._lock = threading.Lock()

    def wait(self, name: str) -> float:
        """Seconds until the name may try again; 0 now."""
        with self._lock:
            failures = self._failures.get(name)
            if failures is None or failures.count < _FREE:
                return 0.0
            pause = min(_FIRST_WAIT * 2.0 ** (failures.count - _FREE), _LONGEST_WAIT)
            return max(0.0, failures.last + pause - self._clock())

    def failed(self, name: str) -> None:
        """A wrong password was given for the name."""
        with self._lock:
            now = self._clock()
            self._forget(now)
            failures = self._failures.setdefault(name, _Failures(0, now))
            failures.count, failures.last = failures.count + 1, now

    def succeeded(self, name: str) -> None:
        """The name signed in."""
        with self._lock:
            self._failures.pop(name, None)

    def _forget(self, now: float) -> None:
        """Old failures; and all, where somebody tries so many names that they would fill the memory."""
        old = [name for name, failures in self._failures.items() if now - failures.last > _FORGOTTEN_AFTER]
        for name in old:
            del self._failures[name]
        if len(self._failures) >= _MOST_NAMES:
            self._failures.clear()
