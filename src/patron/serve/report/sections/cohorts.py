"""How long new customers stay: cohorts by the month of their first order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.serve.periods import Period
from patron.serve.report.queries.figures import Asked, Figure
from patron.serve.report.sections.section import Section, Triangle
from patron.serve.report.sections.tables import rows_of

if TYPE_CHECKING:
    from patron.project.number_format import Formats


def cohort_section(asked: Asked, formats: Formats) -> Section | None:
    """How many of each month's new customers bought again in the months after; None without two whole months."""
    starts = sorted({asked.value("cohort_month_date", row) for row in rows_of(asked)})
    if len(starts) < 2:
        return None
    months = max(asked.value("months_since", row) for row in rows_of(asked))
    cells: dict[object, list[Figure | None]] = {start: [None] * months for start in starts}
    sizes: dict[object, Figure] = {}
    for row in rows_of(asked):
        start, since = asked.value("cohort_month_date", row), asked.value("months_since", row)
        sizes.setdefault(start, asked.figure("customer_count", formats.count, row))
        if since:
            cells[start][since - 1] = asked.figure("retention_rate", formats.share, row)
    rows = tuple(
        (Period.of("month", start).short_label(formats), sizes[start], tuple(cells[start])) for start in starts
    )
    note = "Months that were over when the shop was measured. A cohort of few customers moves by large steps."
    triangle = Triangle("Share of each month's new customers who bought in the months after", months, rows, asked, note)
    return Section("cohorts", "How long new customers stay", triangle=triangle)
