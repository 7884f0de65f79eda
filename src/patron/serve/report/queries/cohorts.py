"""Cohort retention: the past year's cohorts in each month since their first order, up to the reported period."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.serve.periods import Period
from patron.serve.report.queries.figures import QueryResult, run_query

if TYPE_CHECKING:
    import datetime as dt

    import duckdb

MONTHS = 12


def query_cohorts(connection: duckdb.DuckDBPyConnection, last: dt.date) -> QueryResult:
    """Query one row per cohort of new customers and complete month, for the latest MONTHS cohorts up to `last`.

    Columns: cohort_month_date, months_since, customer_count, active_customer_count, retention_rate (0 to 1).
    """
    newest = Period.of("month", last)
    oldest = newest
    for _ in range(MONTHS - 1):
        oldest = oldest.previous()
    return run_query(
        connection,
        f"""select cohort_month_date, months_since, customer_count, active_customer_count, retention_rate
from gold.cohort_retention
where
    cohort_month_date between date '{oldest.first}' and date '{newest.first}'
    and activity_month_date <= date '{newest.first}'
    and is_complete
    and is_new
order by cohort_month_date, months_since""",
    )
