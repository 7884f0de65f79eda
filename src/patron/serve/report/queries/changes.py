"""What changed between a period and the one before, and why, in sentences backed by the numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.serve.report.queries.change import Change
from patron.serve.report.queries.change_of_customers import describe_churn, describe_customers, describe_retention
from patron.serve.report.queries.change_of_groups import Moved, describe_groups, query_groups
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
    """Describe what changed, revenue first; empty where the data does not cover the whole period before.

    connection: reads the published tables. An incomplete period is compared with the same number of days of the one
    before, and the sentences say so. Small or insignificant changes are left out.
    Raises SettingsError, naming the days that there are, for a period without one; NothingBuiltError without orders.
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
    moved: list[Moved],
) -> list[Change]:
    """Describe one comparison, whose groups have been queried already."""
    if comparison.before is None:
        return []
    asked = query_totals(connection, comparison)
    found = [
        describe_revenue(asked, comparison, formats),
        describe_drivers(asked, decompose_revenue(connection, comparison), formats),
        *describe_groups(moved, comparison, formats),
        describe_customers(asked, comparison, formats),
        describe_retention(connection, comparison, formats, data),
        describe_churn(connection, comparison, formats, data),
        describe_refunds(asked, comparison, formats),
        describe_large_orders(connection, comparison, formats),
        _of_year_before(connection, Comparison.with_year_before(comparison.now.period, data), formats),
    ]
    return [change for change in found if change is not None]


def _of_year_before(connection: duckdb.DuckDBPyConnection, comparison: Comparison, formats: Formats) -> Change | None:
    if comparison.before is None or comparison.now.period.kind == "year":
        return None
    return describe_revenue(query_totals(connection, comparison), comparison, formats, topic="year before")
