"""What changed between a period and the one before, and why, in sentences that the numbers support."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.serve.report.queries.change import Change
from patron.serve.report.queries.change_of_customers import of_customers, of_lapses, of_returns
from patron.serve.report.queries.change_of_groups import Moved, moved_groups, of_groups
from patron.serve.report.queries.change_of_revenue import of_drivers, of_large_orders, of_refunds, of_revenue
from patron.serve.report.queries.revenue_decomposition import drivers
from patron.serve.report.queries.spans import Comparison, DataDays
from patron.serve.report.queries.totals import totals

if TYPE_CHECKING:
    import duckdb

    from patron.project.number_format import Formats
    from patron.serve.periods import Period

__all__ = ["Change", "changes", "told"]


def changes(connection: duckdb.DuckDBPyConnection, period: Period, formats: Formats) -> list[Change]:
    """What changed, the revenue first; empty where the data do not reach back a whole period before this one.

    connection sees the published tables. A period that is not over is compared on as many first days of the one
    before, and the sentences say so. What chance may have done, and what is small, is not said.
    Raises SettingsError, naming the days that there are, for a period without one; NothingBuiltError without orders.
    """
    data = DataDays.of(connection)
    data.refuse_outside(period)
    comparison = Comparison.of(period, data)
    return told(connection, comparison, formats, data, moved_groups(connection, comparison, data))


def told(
    connection: duckdb.DuckDBPyConnection,
    comparison: Comparison,
    formats: Formats,
    data: DataDays,
    moved: list[Moved],
) -> list[Change]:
    """The sentences of one comparison, whose groups have been asked for already."""
    if comparison.before is None:
        return []
    asked = totals(connection, comparison)
    found = [
        of_revenue(asked, comparison, formats),
        of_drivers(asked, drivers(connection, comparison), formats),
        *of_groups(moved, comparison, formats),
        of_customers(asked, comparison, formats),
        of_returns(connection, comparison, formats, data),
        of_lapses(connection, comparison, formats, data),
        of_refunds(asked, comparison, formats),
        of_large_orders(connection, comparison, formats),
        _of_year_before(connection, Comparison.with_year_before(comparison.now.period, data), formats),
    ]
    return [change for change in found if change is not None]


def _of_year_before(connection: duckdb.DuckDBPyConnection, comparison: Comparison, formats: Formats) -> Change | None:
    if comparison.before is None or comparison.now.period.kind == "year":
        return None
    return of_revenue(totals(connection, comparison), comparison, formats, topic="year before")
