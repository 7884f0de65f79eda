"""The tables that purchase predictions are written to, in the schema `predictions`; gold reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from patron.predict.clv import covariate_effects, new_customers, quality
from patron.predict.regression import tables as factors

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.engines.engine import Warehouse
    from patron.predict.models.gamma_gamma import GammaGamma

SCORES = ("predictions", "purchase_scores")
"""A row for each cell of buyers: the columns that `scores.score_cells` returns."""

SPEND = ("predictions", "spend_model")
SPEND_COLUMNS = ("p", "q", "gamma")
"""One row: the Gamma-Gamma model of what is kept of a purchase day's spend after refunds, in currency."""


def prepare(warehouse: Warehouse) -> None:
    """Create the tables that do not exist yet, without rows. Raises EngineError."""
    for place, empty in _empty_tables().items():
        if not warehouse.exists(*place):
            warehouse.write(*place, empty)
    factors.prepare(warehouse)
    quality.prepare(warehouse)


def write_empty(warehouse: Warehouse) -> None:
    """Empty every table, as nothing is predicted. Raises EngineError."""
    for place, empty in _empty_tables().items():
        warehouse.write(*place, empty)
    factors.write_none(warehouse)
    quality.write(warehouse, None)


def withhold_alive(scores: pa.Table) -> pa.Table:
    """Return the rows of SCORES without P(alive), for a model that does not tell it (collapse.py)."""
    import pyarrow as pa

    place = scores.column_names.index("probability_alive")
    return scores.set_column(place, "probability_alive", pa.nulls(scores.num_rows, pa.float64()))


def spend_table(model: GammaGamma | None) -> pa.Table:
    """Build the row of SPEND. model: None if none could be fitted; then nothing has a value."""
    return _to_spend_table([model.params_ if model else {}])


def _to_spend_table(rows: list[dict[str, Any]]) -> pa.Table:
    import pyarrow as pa

    return pa.Table.from_pylist(rows, pa.schema([(name, pa.float64()) for name in SPEND_COLUMNS]))


def _empty_tables() -> dict[tuple[str, str], pa.Table]:
    from patron.predict.clv.scores import empty_scores

    return {
        SCORES: empty_scores(),
        SPEND: _to_spend_table([]),
        new_customers.TABLE: new_customers.to_table([]),
        covariate_effects.TABLE: covariate_effects.to_table([]),
    }
