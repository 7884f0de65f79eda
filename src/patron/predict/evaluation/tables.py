"""The results as Arrow tables, with the columns that gold publishes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

_TYPES: dict[str, dict[str, str]] = {
    "model_scores": {
        "model": "text", "origin_date": "day", "horizon_days": "whole", "measure": "text", "value": "number",
    },
    "model_calibration": {
        "model": "text", "origin_date": "day", "bin": "whole", "customer_count": "whole",
        "predicted": "number", "actual": "number",
    },
    "model_tracking": {
        "model": "text", "origin_date": "day", "week": "whole", "is_held_out": "truth",
        "predicted": "number", "actual": "number",
    },
}  # fmt: skip
"""model_scores: a row per model, origin and measure. model_calibration: a row per model, origin and decile of customers
by forecast; predicted and actual are means per customer. model_tracking: a row per model, origin and week since the
first purchase of all; predicted and actual are repeat purchases up to the end of the week."""


def schema(table: str) -> pa.Schema:
    """Return the schema of one of the three tables."""
    import pyarrow as pa

    kinds = {"text": pa.string(), "day": pa.date32(), "whole": pa.int64(), "number": pa.float64(), "truth": pa.bool_()}
    return pa.schema([(name, kinds[kind]) for name, kind in _TYPES[table].items()])


def to_table(table: str, rows: Iterable[dict[str, Any]]) -> pa.Table:
    """Convert rows to one of the three tables."""
    import pyarrow as pa

    return pa.Table.from_pylist(list(rows), schema(table))


def to_score_rows(
    model: str, origin: dt.date, horizon_days: int, scores: dict[str, float | None]
) -> list[dict[str, Any]]:
    """Build one row of model_scores per measure that has a value."""
    known = {"model": model, "origin_date": origin, "horizon_days": horizon_days}
    return [{**known, "measure": name, "value": value} for name, value in scores.items() if value is not None]
