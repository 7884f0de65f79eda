"""Heavy libraries are imported beside other work: seconds of Python, while landing and models are mostly not Python."""

from __future__ import annotations

import contextlib
import importlib
from threading import Thread

SCORES = ("patron.predict.models.gamma_gamma", "patron.predict.models.mbg_nbd", "patron.predict.churn.boosting")
"""The modules that stored models need to score."""

FITS = (*SCORES, "sklearn.isotonic", "sklearn.metrics", "sklearn.cluster")
"""The modules that fitting needs."""


class Preload:
    """Imports in the background. Wait for each before its library is used, and for all before the process ends."""

    def __init__(self) -> None:
        self._threads: dict[tuple[str, ...], Thread] = {}

    def begin(self, *modules: str) -> None:
        """Import these modules in a thread of their own, once."""
        if modules not in self._threads:
            self._threads[modules] = Thread(target=_load, args=(modules,), name=f"patron-import-{modules[0]}")
            self._threads[modules].start()

    def wait(self, *modules: str) -> None:
        """Wait until these modules are imported: another thread may see a module that is only half imported."""
        if modules in self._threads:
            self._threads[modules].join()

    def wait_for_all(self) -> None:
        """Wait for every import: a thread cannot finish importing while the process ends."""
        for thread in self._threads.values():
            thread.join()


def _load(modules: tuple[str, ...]) -> None:
    with contextlib.suppress(ImportError):  # whoever needs one says what is missing
        for module in modules:
            importlib.import_module(module)
