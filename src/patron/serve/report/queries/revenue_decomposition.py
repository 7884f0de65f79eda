"""Decomposes a change in revenue into customers, orders per customer, revenue per order, and guest sales.

Customers' revenue is customers x orders per customer x revenue per order. Its change is split among the factors by
their logarithms, weighted by the logarithmic mean of the two revenues (LMDI I: Ang 2005, Energy Policy 33, 867-871).
The split leaves no residual and does not depend on the order of the factors. Guest revenue is a separate part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.contract.metrics import columns
from patron.serve.report.queries.figures import QueryResult, run_query
from patron.serve.report.queries.span_sql import build_buyers, build_spans

if TYPE_CHECKING:
    import duckdb

    from patron.serve.report.queries.spans import Comparison

PARTS = ("customers", "frequency", "order_value", "guests")
"""The parts' columns are `<part>_effect`; they add up to `change`, to four decimal places."""


def decompose_revenue(connection: duckdb.DuckDBPyConnection, comparison: Comparison) -> QueryResult:
    """Query one row: the change in revenue, the effect of each of PARTS, and each factor in both ranges of days.

    The effects of customers are null if either range has no customer with an order, or if customers' revenue is not
    positive in both.
    """
    sql = f"""with
{build_spans(comparison)},
{build_buyers(comparison)},
sums as (
    select span, {columns("daily_metrics", order_count="customer_orders", net_amount="net_revenue")}
    from spans
    inner join gold.daily_metrics on activity_date between first_day and last_day
    group by span
),
to_date as (
    select
        span,
        max(case when kpi_date = last_day then total_historical_clv end)
        - coalesce(max(case when kpi_date < first_day then total_historical_clv end), 0) as customer_amount
    from spans
    inner join gold.kpi_overall on kpi_date in (last_day, first_day - 1)
    group by span
),
factors as (
    select
        span,
        net_amount,
        customer_amount,
        net_amount - customer_amount as guest_amount,
        customer_count,
        order_count / nullif(customer_count, 0) as orders_per_customer,
        cast(customer_amount as double) / nullif(order_count, 0) as amount_per_order,
        case when customer_amount > 0 then cast(customer_amount as double) end as positive_amount
    from sums
    inner join to_date using (span)
    inner join buyers using (span)
),
logs as (
    select
        now.*,
        before.customer_count as customer_count_before,
        before.orders_per_customer as orders_per_customer_before,
        before.amount_per_order as amount_per_order_before,
        now.net_amount - before.net_amount as change,
        now.customer_amount - before.customer_amount as customer_change,
        now.guest_amount - before.guest_amount as guests_effect,
        case
            when now.positive_amount = before.positive_amount then now.positive_amount
            else (now.positive_amount - before.positive_amount) / ln(now.positive_amount / before.positive_amount)
        end as log_mean,
        ln(now.customer_count / before.customer_count) as customers_log,
        ln(now.orders_per_customer / before.orders_per_customer) as frequency_log
    from factors as now, factors as before
    where now.span = 'now' and before.span = 'before' and now.customer_count > 0 and before.customer_count > 0
),
effects as (
    select
        *,
        cast(log_mean * customers_log as decimal(38, 4)) as customers_effect,
        cast(log_mean * frequency_log as decimal(38, 4)) as frequency_effect
    from logs
)
select
    change,
    customers_effect,
    frequency_effect,
    customer_change - customers_effect - frequency_effect as order_value_effect,
    guests_effect,
    customer_count,
    customer_count_before,
    orders_per_customer,
    orders_per_customer_before,
    amount_per_order,
    amount_per_order_before
from effects"""
    return run_query(connection, sql)
