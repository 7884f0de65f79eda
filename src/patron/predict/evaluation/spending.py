"""What customers would spend within the window: purchases x spend a purchase, beside the past run rate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from patron.predict.errors import NotIdentifiableError
from patron.predict.evaluation.forecasts import Forecast
from patron.predict.evaluation.holdout import CUSTOMERS, Holdout, asked
from patron.predict.models.likelihood.arrays import Floats

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse

RUN_RATE = "run-rate CLV"


def run_rate_total(holdout: Holdout, least_days: int) -> float:
    """Net amount a day since the first purchase (over at least `least_days`), kept up: nobody leaves."""
    daily = holdout.past_amount / np.maximum(holdout.age_days, least_days)
    return float(daily.sum() * holdout.horizon_days)


def spend_per_purchase(warehouse: Warehouse, holdout: Holdout) -> Floats:
    """Expected net amount of a purchase day to come, a customer of each cell: gamma-gamma, from rows up to the origin.

    It is linear in a customer's mean, so the mean of a cell gives the cell's exact mean. Where net amounts are not
    above 0, or do not tell how customers differ, it is the population's.
    """
    days = holdout.repeat_count + 1
    mean = holdout.past_amount / holdout.customer_count / days
    overall = max(0.0, float(holdout.past_amount.sum() / holdout.total(days)))
    try:
        return _gamma_gamma(warehouse, holdout, days, mean)
    except NotIdentifiableError:
        return np.full(len(mean), overall)


def predicted_amount(forecast: Forecast, holdout: Holdout, spend: Floats) -> float:
    """The total that a forecast of purchases comes to."""
    return holdout.total(forecast.expected * spend)


def _gamma_gamma(warehouse: Warehouse, holdout: Holdout, days: Floats, mean: Floats) -> Floats:
    from patron.predict import GammaGamma

    rows = asked(warehouse, _VALUES, holdout.origin, holdout.horizon_days)
    values = (np.asarray(rows.column(name).to_numpy(), dtype=np.float64) for name in rows.column_names)
    if not rows.num_rows:
        raise NotIdentifiableError("No customer's net amount is above 0.", do="look at the refunds")
    model = GammaGamma().fit(*values)
    is_positive = mean > 0
    found: Floats = model.expected_spend(np.where(is_positive, days, 0.0), np.where(is_positive, mean, 1.0))
    return found


_VALUES = f"""
with {CUSTOMERS},
customers as (
    select known.repeat_count + 1 as day_count, paid.past_amount / (known.repeat_count + 1) as mean_value
    from known
    inner join paid on known.customer_id = paid.customer_id
    where paid.past_amount > 0
)
select cast(day_count as double) as day_count, avg(mean_value) as mean_value, cast(count(*) as double) as customer_count
from customers
group by day_count, round(ln(mean_value) * 100)
order by day_count, mean_value
"""
"""Means in steps of 1%: fewer rows than customers, and nothing that a fit could feel."""
