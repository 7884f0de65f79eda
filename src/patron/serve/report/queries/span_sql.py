"""Builds the SQL fragments that compare two ranges of days."""

from __future__ import annotations

from patron.contract.metrics import columns
from patron.serve.report.queries.spans import Comparison, Days


def build_spans(comparison: Comparison) -> str:
    """Build the CTE `spans`, one row per compared range: span ('now' or 'before'), first_day, last_day (inclusive)."""
    before = comparison.before or comparison.now
    return f"""spans as (
    select 'now' as span, {build_day_columns(comparison.now)}
    union all
    select 'before', {build_day_columns(before)}
)"""


def build_day_columns(days: Days) -> str:
    """Build the select list of a range of days: first_day and last_day, as date literals."""
    return f"date '{days.first}' as first_day, date '{days.last}' as last_day"


def build_day_filter(comparison: Comparison, column: str) -> str:
    """Build a condition that keeps a date column within the compared ranges.

    Add it where a large table is joined to `spans`: DuckDB can push it down to the scan, unlike the join.
    """
    days = [comparison.now, comparison.before or comparison.now]
    return f"{column} between date '{min(d.first for d in days)}' and date '{max(d.last for d in days)}'"


def build_buyers(comparison: Comparison) -> str:
    """Build the CTE `buyers`: span and customer_count, the number of distinct customers who bought.

    For complete periods it reads the published count of gold.period_metrics; otherwise it counts the customers of
    gold.fct_orders.
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
    where {build_day_filter(comparison, "order_date")}
    group by span
)"""
