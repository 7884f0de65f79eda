"""Cohort retention, by the month of the first order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.serve.periods import Period
from patron.serve.report.queries.figures import Figure, QueryResult
from patron.serve.report.sections.section import Section, Triangle
from patron.serve.report.sections.tables import iterate_rows

if TYPE_CHECKING:
    from patron.project.number_format import Formats


def build_cohort_section(result: QueryResult, formats: Formats) -> Section | None:
    """Build the cohort table; None if fewer than two cohorts have a complete month."""
    starts = sorted({result.value("cohort_month_date", row) for row in iterate_rows(result)})
    if len(starts) < 2:
        return None
    months = max(result.value("months_since", row) for row in iterate_rows(result))
    cells: dict[object, list[Figure | None]] = {start: [None] * months for start in starts}
    sizes: dict[object, Figure] = {}
    for row in iterate_rows(result):
        start, since = result.value("cohort_month_date", row), result.value("months_since", row)
        sizes.setdefault(start, result.figure("customer_count", formats.count, row))
        if since:
            cells[start][since - 1] = result.figure("retention_rate", formats.share, row)
    rows = tuple(
        (Period.of("month", start).short_label(formats), sizes[start], tuple(cells[start])) for start in starts
    )
    note = "Complete months only. Small cohorts change in large steps."
    triangle = Triangle("Share of each month's new customers who ordered in later months", months, rows, result, note)
    return Section("cohorts", "Cohort retention", triangle=triangle)
