"""What a period and the one before it came to: revenue, orders, customers, refunds, discounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.report.figures import Asked, ask
from patron.report.span_sql import buyers, spans

if TYPE_CHECKING:
    import duckdb

    from patron.report.spans import Comparison

_DAYS = (
    *("net_amount", "gross_amount", "discount_amount", "refund_amount"),
    *("order_count", "guest_order_count", "new_customer_count"),
)


def totals(connection: duckdb.DuckDBPyConnection, comparison: Comparison) -> Asked:
    """One row: each of net_amount, gross_amount, discount_amount, refund_amount, order_count, guest_order_count,
    new_customer_count, customer_count, average_order_value, refund_rate and discount_rate (of gross_amount), and the
    same of the stretch before with _before, the difference with _more (never below zero) and _more_rate.
    """
    sums = ",\n        ".join(f"coalesce(sum({name}), 0) as {name}" for name in _DAYS)
    names = (*_DAYS, "customer_count", "average_order_value", "refund_rate", "discount_rate")
    columns = ",\n    ".join(part for name in names for part in _side_by_side(name))
    sql = f"""with
{spans(comparison)},
{buyers(comparison)},
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
        cast(net_amount as double) / nullif(order_count, 0) as average_order_value,
        -cast(refund_amount as double) / nullif(gross_amount, 0) as refund_rate,
        -cast(discount_amount as double) / nullif(gross_amount, 0) as discount_rate
    from sums
    left join buyers using (span)
)
select
    {columns}
from totals as now, totals as before
where now.span = 'now' and before.span = 'before'"""
    return ask(connection, sql)


def _side_by_side(name: str) -> tuple[str, ...]:
    change = f"abs(now.{name} - before.{name})"
    return (
        f"now.{name}",
        f"before.{name} as {name}_before",
        f"{change} as {name}_more",
        f"cast({change} as double) / nullif(abs(before.{name}), 0) as {name}_more_rate",
    )
