"""The tables that regressions write to, in the schema `predictions`; customer_value and customer_clv read them."""

from __future__ import annotations

import datetime as dt
from math import exp
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.engines.engine import Warehouse
    from patron.predict.evaluation.recalibration import Recalibration
    from patron.predict.models.gamma_gamma import GammaGamma
    from patron.predict.models.purchase_model import PurchaseModel
    from patron.predict.regression.poisson import PoissonRegression
    from patron.predict.regression.zero_inflated import ZeroInflatedLognormal

FACTORS = ("predictions", "purchase_factors")
"""A row for each buyer where a Poisson regression answers, otherwise none: customer_id, purchase_factor (expected
purchases by the regression / by the purchase model, both corrected)."""

AMOUNTS = ("predictions", "expected_amounts")
"""A row for each buyer where the zero-inflated lognormal learner answers, otherwise none: customer_id,
expected_amount_90d (net spend, in currency)."""

AMOUNT_DAYS = 90

_ROWS_AT_ONCE = 200_000


def prepare(warehouse: Warehouse) -> None:
    """Create the tables, empty, if they do not exist yet. Raises EngineError."""
    for place in (FACTORS, AMOUNTS):
        if not warehouse.exists(*place):
            write_none(warehouse, place)


def write_none(warehouse: Warehouse, *places: tuple[str, str]) -> None:
    """Empty the tables, or those named: the models answer alone. Raises EngineError."""
    for place in places or (FACTORS, AMOUNTS):
        warehouse.write(*place, _to_table(place, [], []))


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
    write_none(warehouse, FACTORS)
    for rows in batch_customers(warehouse, as_of, horizon_days, _ROWS_AT_ONCE):
        factors = adjust.compute_factors(to_cells(rows, as_of, horizon_days))
        warehouse.append(*FACTORS, _to_table(FACTORS, rows["customer_id"], factors))


def write_amounts(
    warehouse: Warehouse,
    learner: ZeroInflatedLognormal,
    model: PurchaseModel,
    spend: GammaGamma,
    correction: Recalibration,
    as_of: dt.date,
    customers: float,
) -> None:
    """Write every buyer's expected amount, a batch at a time; the total is the models'. Raises EngineError."""
    from patron.predict.regression.past import DAYS, Past
    from patron.predict.regression.spenders import batch_spenders, query_spenders, to_spenders
    from patron.predict.regression.zero_inflated import compute_evenness, expect_amounts

    sample = query_spenders(Past(warehouse, DAYS, [], AMOUNT_DAYS, customers), as_of)
    expectation = expect_amounts(model, spend, sample)
    level = compute_evenness(learner.predict(sample, expectation), expectation) * exp(correction.level)
    write_none(warehouse, AMOUNTS)
    for rows in batch_spenders(warehouse, as_of, AMOUNT_DAYS, _ROWS_AT_ONCE):
        spenders = to_spenders(rows, as_of, AMOUNT_DAYS)
        amounts = learner.predict(spenders, expect_amounts(model, spend, spenders)).scale(level)
        warehouse.append(*AMOUNTS, _to_table(AMOUNTS, rows["customer_id"], amounts.mean))


def _to_table(place: tuple[str, str], customers: Any, values: Any) -> pa.Table:
    import pyarrow as pa

    schema = pa.schema([("customer_id", pa.string()), (_VALUES[place], pa.float64())])
    return pa.table({"customer_id": customers, _VALUES[place]: pa.array(values, pa.float64())}).cast(schema)


_VALUES = {FACTORS: "purchase_factor", AMOUNTS: "expected_amount_90d"}
