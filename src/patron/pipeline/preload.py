"""Heavy libraries are imported beside other work: seconds of Python, while landing and models are mostly not Python."""

from __future__ import annotations

import contextlib
import importlib
from threading import Thread

SCORES = ("patron.predict.models.gamma_gamma", "patron.predict.models.mbg_nbd", "patron.predict.churn.boosting")
"""What stored models score with."""

FITS = (*SCORES, "sklearn.isotonic", "sklearn.metrics", "sklearn.cluster")
"""What models are fitted with."""


class Preload:
    """Imports that were begun. Each is waited for before its library is used, and all before the process ends."""

    def __init__(self) -> None:
        self._threads: dict[tuple[str, ...], Thread] = {}

    def begin(self, *modules: str) -> None:
        """Import these in a thread of their own; once."""
        if modules not in self._threads:
            self._threads[modules] = Thread(target=_load, args=(modules,), name=f"patron-import-{modules[0]}")
            self._threads[modules].start()

    def wait(self, *modules: str) -> None:
        """Until what was begun so is there: of a module that another thread is at, Python may give a half."""
        if modules in self._threads:
            self._threads[modules].join()

    def wait_for_all(self) -> None:
        """A thread that outlives the process cannot import to its end."""
        for thread in self._threads.values():
            thread.join()


def _load(modules: tuple[str, ...]) -> None:
    with contextlib.suppress(ImportError):  # whoever needs one says what is missing
        for module in modules:
            importlib.import_module(module)
