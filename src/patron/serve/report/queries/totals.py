"""The totals of a period and the one before: revenue, orders, customers and refunds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.contract.metrics import aggregate, of_columns
from patron.serve.report.queries.figures import QueryResult, run_query
from patron.serve.report.queries.span_sql import build_buyers, build_spans

if TYPE_CHECKING:
    import duckdb

    from patron.serve.report.queries.spans import Comparison

_SUMS = {
    "net_amount": "net_revenue",
    "gross_amount": "gross_revenue",
    "refund_amount": "refunds",
    "order_count": "orders",
    "new_customer_count": "new_customers",
}

_RATES = ("average_order_value", "refund_rate")

_COMPARED = ("net_amount", "order_count", "customer_count", "average_order_value", "new_customer_count")

_BESIDE = ("refund_amount", "refund_rate")


def query_totals(connection: duckdb.DuckDBPyConnection, comparison: Comparison) -> QueryResult:
    """Query one row of totals.

    Columns: net_amount, order_count, customer_count, average_order_value, new_customer_count, refund_amount and
    refund_rate (of gross_amount); the same for the earlier days, with the suffix _before; and, except for refunds, the
    absolute difference (_more) and its share of the earlier value (_more_rate).
    """
    sums = ",\n        ".join(
        f"coalesce({aggregate(metric, 'daily_metrics')}, 0) as {column}" for column, metric in _SUMS.items()
    )
    summed = {metric: column for column, metric in _SUMS.items()}
    rates = ",\n        ".join(f"{of_columns(rate, summed)} as {rate}" for rate in _RATES)
    columns = [
        column for name in (*_COMPARED, *_BESIDE) for column in (f"now.{name}", f"before.{name} as {name}_before")
    ]
    listed = ",\n    ".join((*columns, *(column for name in _COMPARED for column in _difference(name))))
    sql = f"""with
{build_spans(comparison)},
{build_buyers(comparison)},
sums as (
    select
        span,
        {sums}
    from spans
    inner join gold.daily_metrics on activity_date between first_day and last_day
    group by span
),
totals as (
    select
        sums.*,
        coalesce(customer_count, 0) as customer_count,
        {rates}
    from sums
    left join buyers using (span)
)
select
    {listed}
from totals as now, totals as before
where now.span = 'now' and before.span = 'before'"""
    return run_query(connection, sql)


def _difference(name: str) -> tuple[str, str]:
    change = f"abs(now.{name} - before.{name})"
    return (
        f"{change} as {name}_more",
        f"cast({change} as double) / nullif(abs(before.{name}), 0) as {name}_more_rate",
    )
