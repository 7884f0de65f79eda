"""Metrics of the latest periods, up to the reported one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from patron.contract.metrics import columns
from patron.serve.periods import Kind, Period
from patron.serve.report.queries.figures import QueryResult, run_query

if TYPE_CHECKING:
    import duckdb

    from patron.serve.report.queries.spans import DataDays

SHOWN: dict[Kind, int] = {"week": 14, "month": 13, "quarter": 9, "year": 6}
"""How many periods are shown: enough to include the same month and quarter of the previous year."""


@dataclass(frozen=True)
class Trends:
    """The metrics of several periods.

    result: one row per period, oldest first. periods: the period of each row. is_part: whether some days are missing.

    Columns: net_amount, order_count, customer_count, new_customer_count, average_order_value; for complete periods
    also repeat_purchase_rate and retention_rate, and for weeks and months window_churn_rate; as of the period's last
    day repeat_customer_rate, silent_rate (churn_rate of kpi_overall) and average_historical_clv; and window_days, the
    churn window. Churn is null while the data covers less than the churn window.
    """

    result: QueryResult
    periods: tuple[Period, ...]
    is_part: tuple[bool, ...]


def query_trends(connection: duckdb.DuckDBPyConnection, period: Period, data: DataDays) -> Trends:
    """Query the metrics of the reported period and of those before it."""
    earliest = period
    for _ in range(SHOWN[period.kind] - 1):
        if earliest.first <= data.first:
            break
        earliest = earliest.previous()
    result = run_query(connection, _sql(earliest, period))
    starts = [result.value("period_start_date", row) for row in range(len(result.rows))]
    periods = tuple(Period(period.kind, start) for start in starts)
    return Trends(result, periods, tuple(one.first < data.first or not one.is_complete(data.last) for one in periods))


def _sql(earliest: Period, period: Period) -> str:
    kind = period.kind
    lapses = "cast(null as double) as window_churn_rate"
    join = ""
    if kind in ("week", "month"):
        lapses = "lapses.window_churn_rate"
        join = f"""
left join gold.churn_by_period as lapses
    on lapses.period_kind = '{kind}'
    and lapses.period_start_date = periods.period_start_date"""
    return f"""with
{_repeats(kind)},
ends as (
    select
        {kind}_start_date as period_start_date,
        arg_max(repeat_customer_rate, kpi_date) as repeat_customer_rate,
        arg_max(churn_rate, kpi_date) as silent_rate,
        arg_max(average_historical_clv, kpi_date) as average_historical_clv
    from gold.kpi_overall
    inner join gold.dim_date on kpi_date = calendar_date
    group by period_start_date
),
rules as (
    select min(min_days) - 1 as window_days from gold.dim_churn_group where max_days is null
)
select
    periods.period_start_date,
    periods.net_amount,
    periods.order_count,
    periods.customer_count,
    periods.new_customer_count,
    periods.average_order_value,
    case when periods.is_complete then repeats.repeat_purchase_rate end as repeat_purchase_rate,
    periods.retention_rate,
    {lapses},
    ends.repeat_customer_rate,
    ends.silent_rate,
    ends.average_historical_clv,
    window_days
from gold.period_metrics as periods
cross join rules
left join repeats on repeats.period_start_date = periods.period_start_date
left join ends on ends.period_start_date = periods.period_start_date{join}
where
    periods.period_kind = '{kind}'
    and periods.period_start_date between date '{earliest.first}' and date '{period.first}'
order by periods.period_start_date"""


def _repeats(kind: Kind) -> str:
    """Build the CTE `repeats`: the share of a period's customers with two or more orders in it.

    Gold publishes it for weeks and months; for quarters and years it is computed from orders.
    """
    if kind in ("week", "month"):
        return f"""repeats as (
    select period_start_date, repeat_purchase_rate
    from gold.repeat_purchase_rate
    where period_kind = '{kind}'
)"""
    return f"""period_customers as (
    select {kind}_start_date as period_start_date, customer_id, {columns("fct_orders", order_count="orders")}
    from gold.fct_orders
    inner join gold.dim_date on order_date = calendar_date
    where customer_id is not null
    group by all
),
repeats as (
    select
        period_start_date,
        {columns("period_customers", "repeat_purchase_rate")}
    from period_customers
    group by period_start_date
)"""
