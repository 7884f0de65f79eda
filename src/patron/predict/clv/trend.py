"""Tells of customers' spend that trends, which predicted values take as constant."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse
    from patron.predict.models.spend_trend import SpendTrend

MOST_BUYERS = 100_000
"""On a sample of so many, by a hash of the id: a trend that they do not show is small."""


_TWO_YEARS = 730


def describe_trend(warehouse: Warehouse, buyers: int, days: int) -> str:
    """Describe the trend of spend on a purchase day; empty if none is clear. days: of history. Raises EngineError."""
    found = query_trend(warehouse, buyers)
    if found is None or not found.is_clear:
        return ""
    is_maybe_season = found.per == "year" and days < _TWO_YEARS
    return found.statement + (f" (in {days} days of history it may be the season)" if is_maybe_season else "")


def query_trend(warehouse: Warehouse, buyers: int) -> SpendTrend | None:
    """Estimate the trend of spend on a purchase day that was kept; None if no customer has two.

    buyers: how many there are. Spend is that of the day itself, before later refunds of a part. Raises EngineError.
    """
    from patron.predict.errors import NotIdentifiableError
    from patron.predict.evaluation.holdout import query_window
    from patron.predict.models.spend_trend import choose_clearer

    below = f"{min(MOST_BUYERS * 16**8 // max(buyers, 1), 16**8 - 1):08x}"
    sample = f"and substring(md5(customer_id), 1, 8) <= '{below}'" if buyers > MOST_BUYERS else ""
    rows = query_window(warehouse, _SUMS.format(sample=sample), dt.date.min, 0)
    own = {name: np.asarray(rows.column(name).to_numpy(), dtype=np.float64) for name in rows.column_names}
    try:
        return choose_clearer({per: (own[f"{per}_products"], own[f"{per}_squares"]) for per in ("year", "doubling")})
    except NotIdentifiableError:
        return None


_SUMS = """
with days as (
    select
        customer_id,
        cast(date_diff('day', first_order_date, activity_date) as double) / cast(365 as double) as years,
        ln(cast(row_number() over (partition by customer_id order by activity_date) as double))
        / ln(cast(2 as double)) as doublings,
        ln(cast(gross_amount + discount_amount as double)) as log_spend
    from measures.customer_days
    where
        sale_line_count > 0
        and fully_refunded_date is null
        and gross_amount + discount_amount > 0
        {sample}
)
select
    sum(years * log_spend) - sum(years) * sum(log_spend) / count(*) as year_products,
    sum(years * years) - sum(years) * sum(years) / count(*) as year_squares,
    sum(doublings * log_spend) - sum(doublings) * sum(log_spend) / count(*) as doubling_products,
    sum(doublings * doublings) - sum(doublings) * sum(doublings) / count(*) as doubling_squares
from days
group by customer_id
having count(*) > 1
order by customer_id
"""
