"""Forecasts customers' spend in the test period: by purchases x spend per purchase, and by run rate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from patron.predict.errors import NotIdentifiableError
from patron.predict.evaluation.holdout import CUSTOMERS, Holdout, query_window
from patron.predict.models.likelihood.arrays import Floats

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse
    from patron.predict.models.gamma_gamma import GammaGamma

RUN_RATE = "run-rate CLV"


def total_run_rate(holdout: Holdout, least_days: int) -> float:
    """Extrapolate the net amount per day since the first purchase (over at least `least_days`), in currency."""
    daily = holdout.past_amount / np.maximum(holdout.age_days, least_days)
    return float(daily.sum() * holdout.horizon_days)


def fit_spend(warehouse: Warehouse, holdout: Holdout) -> GammaGamma | None:
    """Fit a gamma-gamma model on net amounts up to the origin; None if they do not show how customers differ.

    Raises EngineError.
    """
    from patron.predict.models.gamma_gamma import GammaGamma

    rows = query_window(warehouse, _VALUES, holdout.origin, holdout.horizon_days)
    values = (np.asarray(rows.column(name).to_numpy(), dtype=np.float64) for name in rows.column_names)
    if not rows.num_rows:
        return None
    try:
        model = GammaGamma().fit(*values)
        model.expected_spend(1.0, 1.0)
    except NotIdentifiableError:
        return None
    return model


def predict_spend_per_purchase(model: GammaGamma | None, holdout: Holdout) -> Floats:
    """Predict the net amount per future purchase day of a customer of each cell, (cells,).

    It is linear in a customer's mean, so that the mean of a cell gives the cell's exact mean; who had back more than
    they paid counts as 0, as in a run. Without a model it is the population's mean.
    """
    days = holdout.repeat_count + 1
    if model is None:
        return np.full(len(days), max(0.0, float(holdout.past_amount.sum() / holdout.total(days))))
    return predict_spend(model, days, holdout.past_kept_amount / holdout.customer_count)


def predict_spend(model: GammaGamma, days: Floats, amounts: Floats) -> Floats:
    """Predict the net amount per future purchase day of customers who spent `amounts` on so many purchase days."""
    from patron.predict.models.gamma_gamma import NEXT_TO_NOTHING

    return model.expected_spend(days, np.maximum(amounts, NEXT_TO_NOTHING) / days)


_VALUES = f"""
with {CUSTOMERS},
customers as (
    select known.repeat_count + 1 as day_count, paid.past_amount / (known.repeat_count + 1) as mean_value
    from known
    inner join paid on known.customer_id = paid.customer_id
    where paid.past_amount > 0
)
select
    cast(day_count as double) as day_count,
    cast(sum(cast(mean_value as decimal(38, 8))) as double) / count(*) as mean_value,
    cast(count(*) as double) as customer_count
from customers
group by day_count, round(ln(mean_value) * 100)
order by day_count, mean_value
"""
"""Means in steps of 1%: fewer rows than customers, without a noticeable effect on the fit."""
