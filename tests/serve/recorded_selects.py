"""Prints the selects of metrics that pages and reports make while they are imported, as JSON.

A process of its own, since the recorder must stand in before any page is imported.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
from typing import Any

from patron.contract import metrics

RECORDED: list[dict[str, Any]] = []
_select = metrics.select


def record(names: Any, *, table: str, by: Any = (), where: str = "", **more: Any) -> str:
    """Note the metrics, table and dimensions of a select, and write it as ever."""
    named = dict(names) if isinstance(names, dict) else {name: name for name in names}
    dimensions = list(by)
    sql = _select(named, table=table, by=dimensions, where=where, **more)
    RECORDED.append({"metrics": named, "table": table, "by": dimensions, "where": where, "sql": sql, **more})
    return sql


def main() -> None:
    import patron.serve as serve

    metrics.select = record
    for module in pkgutil.walk_packages(serve.__path__, "patron.serve."):
        if "streamlit_app" not in module.name:
            importlib.import_module(module.name)
    print(json.dumps(RECORDED))


if __name__ == "__main__":
    main()
