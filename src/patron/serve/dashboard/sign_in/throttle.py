"""Rate limiting of sign-in attempts: after a few wrong passwords, each further one doubles the wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

_FREE_ATTEMPTS = 5
_FIRST_WAIT = 5.0
_LONGEST_WAIT = 900.0
_FORGET_AFTER = 3600.0
_MAX_NAMES = 10_000


@dataclass
class _Failures:
    count: int
    last: float


class Throttle:
    """The failed attempts on one server, by username. clock: a monotonic clock, in seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: dict[str, _Failures] = {}
        self._lock = threading.Lock()

    def wait(self, name: str) -> float:
        """Return the seconds until a username may try again; 0 if it may now."""
        with self._lock:
            failures = self._failures.get(name)
            if failures is None or failures.count < _FREE_ATTEMPTS:
                return 0.0
            pause = min(_FIRST_WAIT * 2.0 ** (failures.count - _FREE_ATTEMPTS), _LONGEST_WAIT)
            return max(0.0, failures.last + pause - self._clock())

    def record_failure(self, name: str) -> None:
        """Count a wrong password for a username."""
        with self._lock:
            now = self._clock()
            self._forget(now)
            failures = self._failures.setdefault(name, _Failures(0, now))
            failures.count, failures.last = failures.count + 1, now

    def record_success(self, name: str) -> None:
        """Reset a username that has signed in."""
        with self._lock:
            self._failures.pop(name, None)

    def _forget(self, now: float) -> None:
        """Forget old failures; where so many usernames were tried that they fill the memory, those tried least."""
        old = [name for name, failures in self._failures.items() if now - failures.last > _FORGET_AFTER]
        for name in old:
            del self._failures[name]
        if len(self._failures) >= _MAX_NAMES:
            least = sorted(self._failures, key=lambda name: (self._failures[name].count, self._failures[name].last))
            for name in least[: _MAX_NAMES // 2]:
                del self._failures[name]
