"""The evaluation of the purchase models: stored next to the model, and written to tables for gold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from patron.files import write_atomically
from patron.predict.evaluation import tables

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.engines.engine import Warehouse
    from patron.predict.evaluation.evaluate import Evaluation

TABLES = ("model_scores", "model_calibration", "model_tracking")
"""predictions.purchase_<table>; their columns are those of evaluation/tables.py."""

_FILE = "purchases_evaluation.json"


def save(folder: Path, found: Evaluation) -> None:
    """Store the rows of each table in columns: name -> values."""
    kept = {"scores": found.scores, "calibration": found.calibration, "tracking": found.tracking}
    content = {f"model_{name}": table.to_pydict() for name, table in kept.items()}
    write_atomically(folder / _FILE, json.dumps({"withheld": found.withheld, **content}, default=str))


def write(warehouse: Warehouse, folder: Path | None) -> None:
    """Write the stored TABLES; empty ones if none are stored or there is no folder. Raises EngineError."""
    content = _load(folder) if folder else {}
    for name in TABLES:
        warehouse.write(*_qualify(name), _to_table(name, content.get(name)))


def prepare(warehouse: Warehouse) -> None:
    """Create TABLES if they do not exist yet, without rows. Raises EngineError."""
    for name in TABLES:
        if not warehouse.exists(*_qualify(name)):
            warehouse.write(*_qualify(name), _to_table(name, None))


def _qualify(name: str) -> tuple[str, str]:
    return "predictions", f"purchase_{name}"


def _load(folder: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads((folder / _FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content


def _to_table(name: str, columns: dict[str, Any] | None) -> pa.Table:
    import datetime as dt

    import pyarrow as pa

    schema = tables.schema(name)
    if not columns:
        return schema.empty_table()
    dated = {key: [dt.date.fromisoformat(day) for day in days] for key, days in columns.items() if key == "origin_date"}
    return pa.Table.from_pydict({**columns, **dated}, schema)
