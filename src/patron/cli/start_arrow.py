"""Starting Arrow for a command that needs no pandas."""

from __future__ import annotations

import sys
from typing import Any


class _HiddenPandas:
    """Stands in sys.meta_path as if pandas were not installed."""

    def find_spec(self, fullname: str, _path: Any = None, _target: Any = None) -> None:
        if fullname == "pandas":
            raise ModuleNotFoundError("pandas is not needed here", name=fullname)


def start_arrow_without_pandas() -> None:
    """Have Arrow convert its first value while pandas cannot be imported.

    Arrow imports pandas, for 0.4 s, when it first converts a Python value, to know pandas' own nulls. A process that
    leaves it out must not give Arrow such nulls later: so commands call this, and the library does not.
    """
    if "pandas" in sys.modules:
        return
    import pyarrow as pa

    hidden: Any = _HiddenPandas()
    sys.meta_path.insert(0, hidden)
    try:
        pa.scalar(0)
    finally:
        sys.meta_path.remove(hidden)
