"""The cohort triangle: of those who came in a month, how many bought in each month since."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from patron.serve.dashboard.widgets.charts import below, heading
from patron.serve.dashboard.widgets.choosers import chosen
from patron.serve.dashboard.widgets.empty_state import empty, why
from patron.serve.dashboard.widgets.scope import of_all, sentences
from patron.serve.dashboard.widgets.shaded_table import Cell, heat_table

if TYPE_CHECKING:
    from patron.serve.dashboard.view import View

_TITLE = "Do those who came together keep buying?"
_MOST = 24
_NAMES = {"customers": "Customers who bought", "revenue": "Revenue"}
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
where is_complete and months_since > 0
order by cohort_month_date, months_since
"""


def cohorts(view: View) -> None:
    """A row a cohort, the newest two years of them; a column for each month since the first order."""
    data = view.data.rows(_COHORTS)
    if not data:
        lacks = view.data.count("cohort_retention") == 0
        reason = why(view, "cohort_retention") if lacks else "No month after the first is over yet."
        empty(f"{_TITLE} Nothing to show", reason)
        return
    by = chosen("kept", "Cohorts by", list(_NAMES), _NAMES.__getitem__)
    months = sorted(set(data.column("cohort_month_date")))[-_MOST:]
    longest = min(max(data.column("months_since")), _MOST)
    heading(_TITLE, _note(view, by))
    rows = {(row["cohort_month_date"], row["months_since"]): row for row in data.records()}
    most = max((rate for rate in data.numbers(_COLUMNS[by]) if rate is not None), default=0.0)
    listed = []
    for month in months:
        cells = [_cell(view, rows.get((month, since)), by, min(most, 1.0)) for since in range(1, longest + 1)]
        size = Cell(view.formats.count(rows[month, 1]["customer_count"]) if (month, 1) in rows else "")
        listed.append((view.formats.month(month), [size, *cells]))
    heads = ["First order", "Customers", *(str(since) for since in range(1, longest + 1))]
    heat_table(_TITLE, heads, listed, view.theme)
    below(_TITLE, data, ["cohort_retention", f"cohort_retention.{_COLUMNS[by]}"])


def _cell(view: View, row: dict[str, Any] | None, by: str, most: float) -> Cell:
    if row is None:
        return Cell("")
    rate = row[_COLUMNS[by]]
    if rate is None:
        return Cell("–")
    bought = view.formats.count(row["active_customer_count"])
    hover = f"{bought} bought, for {view.formats.money(row['net_amount'])}, in month {row['months_since']}"
    return Cell(view.formats.share(rate), max(rate, 0.0) / most if most > 0 else None, hover)


def _note(view: View, by: str) -> str:
    said = {
        "customers": "Share of the customers whose first order was in a month who bought in each month since.",
        "revenue": "Net revenue in each month since, over that of the first month.",
    }[by]
    return sentences(said, "Months that are not over are left out.", of_all(view.filters))
