"""The pieces of SQL that put two stretches of days side by side."""

from __future__ import annotations

from patron.contract.metrics import columns
from patron.serve.report.queries.spans import Comparison, Days


def spans(comparison: Comparison) -> str:
    """A step `spans`: span (now, before), first_day, last_day."""
    before = comparison.before or comparison.now
    return f"""spans as (
    select 'now' as span, {day_literals(comparison.now)}
    union all
    select 'before', {day_literals(before)}
)"""


def day_literals(days: Days) -> str:
    """Two columns, first_day and last_day."""
    return f"date '{days.first}' as first_day, date '{days.last}' as last_day"


def within(comparison: Comparison, column: str) -> str:
    """A condition on a day of a large table that is joined to `spans`: a scan can use it, which it cannot the join."""
    days = [comparison.now, comparison.before or comparison.now]
    return f"{column} between date '{min(d.first for d in days)}' and date '{max(d.last for d in days)}'"


def buyers(comparison: Comparison) -> str:
    """A step `buyers`: span and customer_count, the different customers who bought.

    Of whole periods it is the published count; of parts of one the customers of the orders are counted.
    """
    if comparison.is_whole:
        return f"""buyers as (
    select span, customer_count
    from spans
    inner join gold.period_metrics on period_start_date = first_day
    where period_kind = '{comparison.now.period.kind}'
)"""
    return f"""buyers as (
    select span, {columns("fct_orders", customer_count="buyers")}
    from spans
    inner join gold.fct_orders on order_date between first_day and last_day
    where {within(comparison, "order_date")}
    group by span
)"""
