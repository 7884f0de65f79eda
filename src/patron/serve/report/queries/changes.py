"""Describes what changed between a period and the previous one, and why, in sentences backed by numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.serve.report.queries.change import Change
from patron.serve.report.queries.change_of_customers import describe_churn, describe_customers, describe_retention
from patron.serve.report.queries.change_of_groups import GroupedSales, describe_groups, query_groups
from patron.serve.report.queries.change_of_revenue import (
    describe_drivers,
    describe_large_orders,
    describe_refunds,
    describe_revenue,
)
from patron.serve.report.queries.revenue_decomposition import decompose_revenue
from patron.serve.report.queries.spans import Comparison, DataDays
from patron.serve.report.queries.totals import query_totals

if TYPE_CHECKING:
    import duckdb

    from patron.project.number_format import Formats
    from patron.serve.periods import Period

__all__ = ["Change", "describe_changes", "find_changes"]


def find_changes(connection: duckdb.DuckDBPyConnection, period: Period, formats: Formats) -> list[Change]:
    """Describe what changed, revenue first; empty if the data does not cover all of the previous period.

    connection: to the published tables. An incomplete period is compared with the same number of days of the previous
    one, and the sentences say so. Small or insignificant changes are left out.
    Raises SettingsError, naming the available days, for a period without data; NothingBuiltError without orders.
    """
    data = DataDays.of(connection)
    data.refuse_outside(period)
    comparison = Comparison.of(period, data)
    return describe_changes(connection, comparison, formats, data, query_groups(connection, comparison, data))


def describe_changes(
    connection: duckdb.DuckDBPyConnection,
    comparison: Comparison,
    formats: Formats,
    data: DataDays,
    breakdowns: list[GroupedSales],
) -> list[Change]:
    """Describe the changes of a comparison whose groups have already been queried."""
    if comparison.before is None:
        return []
    totals = query_totals(connection, comparison)
    changes = [
        describe_revenue(totals, comparison, formats),
        describe_drivers(totals, decompose_revenue(connection, comparison), formats),
        *describe_groups(breakdowns, comparison, formats),
        describe_customers(totals, comparison, formats),
        describe_retention(connection, comparison, formats, data),
        describe_churn(connection, comparison, formats),
        describe_refunds(totals, comparison, formats),
        describe_large_orders(connection, comparison, formats),
        _describe_year_before(connection, Comparison.with_year_before(comparison.now.period, data), formats),
    ]
    return [change for change in changes if change is not None]


def _describe_year_before(
    connection: duckdb.DuckDBPyConnection, comparison: Comparison, formats: Formats
) -> Change | None:
    if comparison.before is None or comparison.now.period.kind == "year":
        return None
    return describe_revenue(query_totals(connection, comparison), comparison, formats, topic="year before")
