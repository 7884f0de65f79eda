"""How good purchase models have been on the shop's own past, kept beside the model and given to gold."""

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
"""predictions.purchase_<table>; columns as of evaluation/tables.py."""

_FILE = "purchases_evaluation.json"


def store(folder: Path, found: Evaluation) -> None:
    """Keep the rows as columns: name -> values, for each table."""
    kept = {"scores": found.scores, "calibration": found.calibration, "tracking": found.tracking}
    content = {f"model_{name}": table.to_pydict() for name, table in kept.items()}
    write_atomically(folder / _FILE, json.dumps({"withheld": found.withheld, **content}, default=str))


def write(warehouse: Warehouse, folder: Path | None) -> None:
    """Write TABLES as they were stored; without a row where nothing was. Raises EngineError."""
    content = _read(folder) if folder else {}
    for name in TABLES:
        warehouse.write(*_place(name), _table(name, content.get(name)))


def prepare(warehouse: Warehouse) -> None:
    """See that TABLES are there, so that gold can read them."""
    for name in TABLES:
        if not warehouse.exists(*_place(name)):
            warehouse.write(*_place(name), _table(name, None))


def _place(name: str) -> tuple[str, str]:
    return "predictions", f"purchase_{name}"


def _read(folder: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads((folder / _FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content


def _table(name: str, columns: dict[str, Any] | None) -> pa.Table:
    import datetime as dt

    import pyarrow as pa

    schema = tables.schema(name)
    if not columns:
        return schema.empty_table()
    dated = {key: [dt.date.fromisoformat(day) for day in days] for key, days in columns.items() if key == "origin_date"}
    return pa.Table.from_pydict({**columns, **dated}, schema)
