"""The stages of a long piece of work: how long each takes, and hooks for showing how far it is."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator


class Stages:
    """Time the stages of a run. This base shows nothing; a subclass may show them."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextlib.contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time what runs inside as this stage."""
        start = time.perf_counter()
        self._open(name)
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start
            self._close(name)

    def rows(self, done: int) -> None:
        """Report that the stage has read this many rows so far."""

    def steps(self, what: str, done: int, total: int) -> None:
        """Report that the stage has finished `what`, step `done` of `total`."""

    def _open(self, name: str) -> None: ...

    def _close(self, _: str) -> None: ...
