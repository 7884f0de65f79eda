"""The cohorts of the last year in the months since they first bought, up to the end of the reported period."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.serve.periods import Period
from patron.serve.report.queries.figures import Asked, ask

if TYPE_CHECKING:
    import datetime as dt

    import duckdb

MONTHS = 12


def query_cohorts(connection: duckdb.DuckDBPyConnection, last: dt.date) -> Asked:
    """A row a cohort and complete month up to `last`, of the MONTHS cohorts before: cohort_month_date, months_since,
    customer_count, active_customer_count, retention_rate.
    """
    newest = Period.of("month", last)
    oldest = newest
    for _ in range(MONTHS - 1):
        oldest = oldest.previous()
    return ask(
        connection,
        f"""select cohort_month_date, months_since, customer_count, active_customer_count, retention_rate
from gold.cohort_retention
where
    cohort_month_date between date '{oldest.first}' and date '{newest.first}'
    and activity_month_date <= date '{newest.first}'
    and is_complete
order by cohort_month_date, months_since""",
    )
