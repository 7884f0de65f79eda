"""What a cohort's customers have brought by each month since their first order."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from patron.contract.metrics import running_total
from patron.serve.dashboard.widgets.axes import money_axis
from patron.serve.dashboard.widgets.charts import figure
from patron.serve.dashboard.widgets.cohort_lines import Line, cohort_lines, spread
from patron.serve.dashboard.widgets.empty_state import empty
from patron.serve.dashboard.widgets.scope import of_all, sentences

if TYPE_CHECKING:
    from patron.serve.dashboard.data import Result
    from patron.serve.dashboard.view import View

_MOST = 5
_TITLE = "How fast do new customers pay?"

_VALUE = f"""
select
    cohort_month_date,
    months_since,
    customer_count,
    {running_total("net_amount", "cohort_month_date", "months_since")} / customer_count as amount_per_customer
from gold.cohort_retention
where is_complete
order by cohort_month_date, months_since
"""


def cohort_value(view: View) -> None:
    """Net revenue a customer up to each month, of a few cohorts; months that are not over are left out."""
    data = view.data.rows(_VALUE)
    months = _long_enough(data)
    if not months:
        empty(f"{_TITLE} Nothing to show", "No cohort has been seen for two whole months yet.")
        return
    lines = {month: _line(view, data, month) for month in spread(months, _MOST)}
    drawn = cohort_lines(lines, view.theme, view.formats)
    drawn.update_layout(xaxis={"title": {"text": "Months since the month of the first order"}, "dtick": _step(lines)})
    drawn.update_layout(yaxis={"rangemode": "tozero"})
    money_axis(drawn, [value for line in lines.values() for value in line.middle], view.formats)
    said = _said(view, lines)
    figure(
        _TITLE,
        drawn,
        data=data,
        definition=["cohort_retention", "cohort_retention.net_amount", "cohort_retention.customer_count"],
        says=said,
        note=sentences(f"Net revenue a customer, added up. {said} The CSV has all cohorts.", of_all(view.filters)),
        height=380,
    )


def _long_enough(data: Result) -> list[dt.date]:
    """Cohorts with two points or more, oldest first."""
    seen = data.column("cohort_month_date")
    return [month for month in dict.fromkeys(seen) if seen.count(month) > 1]


def _line(view: View, data: Result, month: dt.date) -> Line:
    rows = [row for row in data.records() if row["cohort_month_date"] == month]
    values = [float(row["amount_per_customer"]) for row in rows]
    name, formats = view.formats.month(month), view.formats
    hover = [
        f"{name}, after {row['months_since']} months: {formats.money(value)} a customer"
        for row, value in zip(rows, values, strict=True)
    ]
    return Line([row["months_since"] for row in rows], values, hover)


def _step(lines: dict[dt.date, Line]) -> int:
    longest = max(max(line.at) for line in lines.values())
    return 1 if longest <= 6 else 2 if longest <= 12 else 3 if longest <= 24 else 6


def _said(view: View, lines: dict[dt.date, Line]) -> str:
    month, line = next(iter(lines.items()))
    money, name = view.formats.money, view.formats.month(month)
    first, last = money(line.middle[0]), money(line.middle[-1])
    return f"Who came in {name} brought {first} in that month, and {last} by {line.at[-1]} months later."
