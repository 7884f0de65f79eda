"""The cohort table: the share of each month's new customers who ordered in every month since."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from patron.serve.dashboard.widgets.charts import draw_footer, draw_heading
from patron.serve.dashboard.widgets.choosers import choose
from patron.serve.dashboard.widgets.empty_state import draw_empty_state, explain_empty
from patron.serve.dashboard.widgets.scope import join_sentences, note_unfiltered
from patron.serve.dashboard.widgets.shaded_table import Cell, draw_shaded_table
from patron.serve.dashboard.widgets.wash_out import note_wash_out

if TYPE_CHECKING:
    from patron.serve.dashboard.view import View

_TITLE = "Cohort retention"
_MOST = 24
_NAMES = {"customers": "Customers", "revenue": "Revenue"}
_COLUMNS = {"customers": "retention_rate", "revenue": "revenue_retention_rate"}

_COHORTS = """
select
    cohort_month_date,
    months_since,
    customer_count,
    active_customer_count,
    retention_rate,
    net_amount,
    revenue_retention_rate
from gold.cohort_retention
where is_complete and is_new and months_since > 0
order by cohort_month_date, months_since
"""


def draw_cohorts(view: View) -> None:
    """Draw one row per cohort of the latest two years, and a column for each month since the first order."""
    data = view.data.rows(_COHORTS)
    if not data:
        lacks = view.data.count("cohort_retention") == 0
        reason = explain_empty(view, "cohort_retention") if lacks else "No month after the first order is complete yet."
        draw_empty_state(f"{_TITLE}: no data", reason)
        return
    by = choose("kept", "Retention of", list(_NAMES), _NAMES.__getitem__)
    months = sorted(set(data.column("cohort_month_date")))[-_MOST:]
    longest = min(max(data.column("months_since")), _MOST)
    draw_heading(_TITLE, _write_note(view, by))
    rows = {(row["cohort_month_date"], row["months_since"]): row for row in data.records()}
    most = max((rate for rate in data.numbers(_COLUMNS[by]) if rate is not None), default=0.0)
    table = []
    for month in months:
        cells = [_build_cell(view, rows.get((month, since)), by, min(most, 1.0)) for since in range(1, longest + 1)]
        size = Cell(view.formats.count(rows[month, 1]["customer_count"]) if (month, 1) in rows else "")
        table.append((view.formats.month(month), [size, *cells]))
    heads = ["First order", "Customers", *(str(since) for since in range(1, longest + 1))]
    draw_shaded_table(_TITLE, heads, table, view.theme)
    draw_footer(_TITLE, data, ["cohort_retention", f"cohort_retention.{_COLUMNS[by]}"])


def _build_cell(view: View, row: dict[str, Any] | None, by: str, most: float) -> Cell:
    if row is None:
        return Cell("")
    rate = row[_COLUMNS[by]]
    if rate is None:
        return Cell("–")
    bought = view.formats.count(row["active_customer_count"])
    hover = f"Month {row['months_since']}: {bought} customers, {view.formats.money(row['net_amount'])}"
    return Cell(view.formats.share(rate), max(rate, 0.0) / most if most > 0 else None, hover)


def _write_note(view: View, by: str) -> str:
    summary = {
        "customers": "Share of each month's new customers who ordered in the months since.",
        "revenue": "Net revenue of each month's new customers in the months since, relative to their first month.",
    }[by]
    return join_sentences(
        summary, "Incomplete months are left out.", note_wash_out(view), note_unfiltered(view.filters)
    )
