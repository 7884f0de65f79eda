"""LightGBM, without the libraries that it imports for features patron does not use.

`import lightgbm` imports scikit-learn and pandas if they are installed, for its scikit-learn classes and for data
frames, which takes 1.7 s. Without them it takes 0.1 s, and Booster and Dataset, which patron uses, are the same. Import
this module where LightGBM is needed: `from patron.predict.churn.boosting import lightgbm`. Raises ImportError.
"""

from __future__ import annotations

import importlib
import sys
import threading
from importlib.abc import MetaPathFinder
from types import ModuleType
from typing import Any

_NAME = "lightgbm"
_OPTIONAL = ("sklearn", "pandas", "matplotlib", "graphviz", "dask")


class _HiddenFromThisThread(MetaPathFinder):
    """Makes _OPTIONAL look as if they were not installed; to this thread alone, for others may be importing them."""

    def __init__(self) -> None:
        self._thread = threading.get_ident()

    def find_spec(self, fullname: str, _path: Any = None, _target: Any = None) -> None:
        if fullname.partition(".")[0] in _OPTIONAL and threading.get_ident() == self._thread:
            raise ModuleNotFoundError(f"{fullname} is not needed here", name=fullname)


def _import_without_optional() -> ModuleType:
    """Import LightGBM and keep it out of sys.modules, so that a later `import lightgbm` elsewhere gives all of it."""
    hidden = _HiddenFromThisThread()
    sys.meta_path.insert(0, hidden)
    try:
        return importlib.import_module(_NAME)
    finally:
        sys.meta_path.remove(hidden)
        for name in [name for name in sys.modules if name.partition(".")[0] == _NAME]:
            del sys.modules[name]


lightgbm: Any = sys.modules.get(_NAME) or _import_without_optional()
