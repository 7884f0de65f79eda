"""The tables that regressions write to, in the schema `predictions`; customer_value and customer_clv read them."""

from __future__ import annotations

import datetime as dt
from functools import partial
from math import exp
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.engines.engine import Warehouse
    from patron.predict.evaluation.recalibration import Recalibration
    from patron.predict.models.gamma_gamma import GammaGamma
    from patron.predict.models.purchase_model import PurchaseModel
    from patron.predict.regression.adjustment import Adjustment
    from patron.predict.regression.poisson import PoissonRegression
    from patron.predict.regression.zero_inflated import ZeroInflatedLognormal

FACTORS = ("predictions", "purchase_factors")
"""A row for each buyer where a Poisson regression answers, otherwise none: customer_id, purchase_factor (expected
purchases by the regression / by the purchase model, both corrected)."""

AMOUNTS = ("predictions", "expected_amounts")
"""A row for each buyer where the zero-inflated lognormal learner answers, otherwise none: customer_id,
expected_amount_90d (net spend, in currency)."""

AMOUNT_DAYS = 90


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
    """Write every buyer's factor, some at a time. correction: of the model's forecasts. Raises EngineError."""
    from patron.predict.regression.adjustment import Adjustment
    from patron.predict.regression.windows import query_cells, write_customers_query

    everybody = query_cells(warehouse, as_of, horizon_days)
    adjust = Adjustment.from_customers(regression, model, correction, everybody)
    sql = write_customers_query(warehouse, as_of, horizon_days)
    convert = partial(_compute_factors, adjust=adjust, as_of=as_of, horizon_days=horizon_days)
    warehouse.write_each(*FACTORS, sql, convert, _to_schema(FACTORS))


def _compute_factors(rows: pa.Table, adjust: Adjustment, as_of: dt.date, horizon_days: int) -> pa.Table:
    from patron.predict.regression.windows import to_cells

    return _to_table(FACTORS, rows["customer_id"], adjust.compute_factors(to_cells(rows, as_of, horizon_days)))


def write_amounts(
    warehouse: Warehouse,
    learner: ZeroInflatedLognormal,
    model: PurchaseModel,
    spend: GammaGamma,
    correction: Recalibration,
    as_of: dt.date,
    customers: float,
) -> None:
    """Write every buyer's expected amount, some at a time; the total is the models'. Raises EngineError."""
    from patron.predict.regression.past import DAYS, Past
    from patron.predict.regression.spenders import query_spenders, write_spenders_query
    from patron.predict.regression.zero_inflated import compute_evenness, expect_amounts

    sample = query_spenders(Past(warehouse, DAYS, [], AMOUNT_DAYS, customers), as_of)
    expectation = expect_amounts(model, spend, sample)
    level = compute_evenness(learner.predict(sample, expectation), expectation) * exp(correction.level)
    sql = write_spenders_query(warehouse, as_of, AMOUNT_DAYS)
    convert = partial(_compute_amounts, learner=learner, model=model, spend=spend, as_of=as_of, level=level)
    warehouse.write_each(*AMOUNTS, sql, convert, _to_schema(AMOUNTS))


def _compute_amounts(
    rows: pa.Table,
    learner: ZeroInflatedLognormal,
    model: PurchaseModel,
    spend: GammaGamma,
    as_of: dt.date,
    level: float,
) -> pa.Table:
    from patron.predict.regression.spenders import to_spenders
    from patron.predict.regression.zero_inflated import expect_amounts

    spenders = to_spenders(rows, as_of, AMOUNT_DAYS)
    amounts = learner.predict(spenders, expect_amounts(model, spend, spenders)).scale(level)
    return _to_table(AMOUNTS, rows["customer_id"], amounts.mean)


def _to_table(place: tuple[str, str], customers: Any, values: Any) -> pa.Table:
    import pyarrow as pa

    columns = {"customer_id": customers, _VALUES[place]: pa.array(values, pa.float64())}
    return pa.table(columns).cast(_to_schema(place))


def _to_schema(place: tuple[str, str]) -> pa.Schema:
    import pyarrow as pa

    return pa.schema([("customer_id", pa.string()), (_VALUES[place], pa.float64())])


_VALUES = {FACTORS: "purchase_factor", AMOUNTS: "expected_amount_90d"}
