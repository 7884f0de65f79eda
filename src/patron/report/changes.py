"""What changed between a period and the one before, and why, in sentences that the numbers support."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.report.change import Change
from patron.report.change_of_customers import of_customers, of_lapses, of_returns
from patron.report.change_of_groups import of_groups
from patron.report.change_of_revenue import of_drivers, of_large_orders, of_refunds, of_revenue, of_year_before
from patron.report.spans import Comparison, DataDays

if TYPE_CHECKING:
    import duckdb

    from patron.formats import Formats
    from patron.report.periods import Period

__all__ = ["Change", "changes"]


def changes(connection: duckdb.DuckDBPyConnection, period: Period, formats: Formats) -> list[Change]:
    """What changed, the revenue first; empty where the data do not reach back a whole period before this one.

    connection sees the published tables. A period that is not over is compared on as many first days of the one
    before, and the sentences say so. What chance may have done, and what is small, is not said.
    Raises SettingsError, naming the days that there are, for a period without one; NothingBuiltError without orders.
    """
    data = DataDays.of(connection)
    data.refuse_outside(period)
    comparison = Comparison.of(period, data)
    if comparison.before is None:
        return []
    found = [
        of_revenue(connection, comparison, formats),
        of_drivers(connection, comparison, formats),
        *of_groups(connection, comparison, formats, data),
        of_customers(connection, comparison, formats),
        of_returns(connection, comparison, formats, data),
        of_lapses(connection, comparison, formats),
        of_refunds(connection, comparison, formats),
        of_large_orders(connection, comparison, formats),
        of_year_before(connection, Comparison.with_year_before(period, data), formats),
    ]
    return [change for change in found if change is not None]
