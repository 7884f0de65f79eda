"""The table that the regression's factors are written to, in the schema `predictions`; customer_value reads it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.engines.engine import Warehouse
    from patron.predict.evaluation.recalibration import Recalibration
    from patron.predict.models.purchase_model import PurchaseModel
    from patron.predict.regression.poisson import PoissonRegression

FACTORS = ("predictions", "purchase_factors")
"""A row for each buyer where a Poisson regression answers, otherwise none: customer_id, purchase_factor (expected
purchases by the regression / by the purchase model, both corrected)."""

_ROWS_AT_ONCE = 200_000


def prepare(warehouse: Warehouse) -> None:
    """Create the table, empty, if it does not exist yet. Raises EngineError."""
    if not warehouse.exists(*FACTORS):
        write_none(warehouse)


def write_none(warehouse: Warehouse) -> None:
    """Empty the table: the purchase model answers alone. Raises EngineError."""
    warehouse.write(*FACTORS, _to_table([], []))


def write_factors(
    warehouse: Warehouse,
    regression: PoissonRegression,
    model: PurchaseModel,
    correction: Recalibration,
    as_of: dt.date,
    horizon_days: int,
) -> None:
    """Write every buyer's factor, a batch at a time. correction: of the model's forecasts. Raises EngineError."""
    from patron.predict.regression.adjustment import Adjustment
    from patron.predict.regression.windows import batch_customers, query_cells, to_cells

    everybody = query_cells(warehouse, as_of, horizon_days)
    adjust = Adjustment.from_customers(regression, model, correction, everybody)
    write_none(warehouse)
    for rows in batch_customers(warehouse, as_of, horizon_days, _ROWS_AT_ONCE):
        factors = adjust.compute_factors(to_cells(rows, as_of, horizon_days))
        warehouse.append(*FACTORS, _to_table(rows["customer_id"], factors))


def _to_table(customers: Any, factors: Any) -> pa.Table:
    import pyarrow as pa

    schema = pa.schema([("customer_id", pa.string()), ("purchase_factor", pa.float64())])
    columns = {"customer_id": customers, "purchase_factor": pa.array(factors, pa.float64())}
    return pa.table(columns).cast(schema)
