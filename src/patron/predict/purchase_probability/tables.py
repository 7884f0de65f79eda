"""The table that says whose probability is used; predictions.purchase_probabilities reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from patron.predict.churn.training import WINDOWS

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.engines.engine import Warehouse

CHURN, PURCHASES = "churn", "purchases"
"""The predictions that a probability may come from, as prediction_status names them."""

SOURCE = ("predictions", "purchase_probability_source")
"""One row: is_by_churn_30d, _60d, _90d (whether churn's probability is used for the customers that it scores),
is_churn_shown (whether gold.customer_churn has probabilities), scored, not_scored (the model behind the numbers of
customers whom churn's learners score, and of the others, or why there are none)."""


def prepare(warehouse: Warehouse) -> None:
    """Create the table if it does not exist yet. Raises EngineError."""
    if not warehouse.exists(*SOURCE):
        write_source(warehouse, {}, False, None, "not predicted yet")


def write_source(
    warehouse: Warehouse, is_by_churn: Mapping[int, bool], is_shown: bool, scored: str | None, not_scored: str | None
) -> None:
    """Write the row. is_by_churn: window -> whether churn's probability is used. Raises EngineError."""
    row: dict[str, Any] = {f"is_by_churn_{days}d": is_by_churn.get(days, False) for days in WINDOWS}
    row |= {"is_churn_shown": is_shown, "scored": scored, "not_scored": not_scored}
    warehouse.write(*SOURCE, _to_table(row))


def _to_table(row: dict[str, Any]) -> pa.Table:
    import pyarrow as pa

    texts = ("scored", "not_scored")
    return pa.Table.from_pylist([row], pa.schema([(n, pa.string() if n in texts else pa.bool_()) for n in row]))
