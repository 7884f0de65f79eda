"""Cumulative revenue per customer of each cohort."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from patron.contract.metrics import running_total
from patron.serve.dashboard.widgets.axes import set_money_axis
from patron.serve.dashboard.widgets.charts import draw_figure
from patron.serve.dashboard.widgets.cohort_lines import Line, draw_cohort_lines, pick_evenly
from patron.serve.dashboard.widgets.empty_state import draw_empty_state
from patron.serve.dashboard.widgets.scope import join_sentences, note_unfiltered
from patron.serve.dashboard.widgets.wash_out import note_wash_out

if TYPE_CHECKING:
    from patron.serve.dashboard.data import Result
    from patron.serve.dashboard.view import View

_MOST = 5
_TITLE = "Cumulative revenue per customer by cohort"

_VALUE = f"""
select
    cohort_month_date,
    months_since,
    customer_count,
    {running_total("net_amount", "cohort_month_date", "months_since")} / customer_count as amount_per_customer
from gold.cohort_retention
where is_complete and is_new
order by cohort_month_date, months_since
"""


def draw_cohort_value(view: View) -> None:
    """Draw net revenue per customer up to each month, for a few cohorts; incomplete months are left out."""
    data = view.data.rows(_VALUE)
    months = _select_cohorts(data)
    if not months:
        draw_empty_state(f"{_TITLE}: no data", "No cohort has two complete months yet.")
        return
    lines = {month: _build_line(view, data, month) for month in pick_evenly(months, _MOST)}
    figure = draw_cohort_lines(lines, view.theme, view.formats)
    figure.update_layout(
        xaxis={"title": {"text": "Months since the month of the first order"}, "dtick": _choose_step(lines)}
    )
    figure.update_layout(yaxis={"rangemode": "tozero"})
    set_money_axis(figure, [value for line in lines.values() for value in line.middle], view.formats)
    summary = _summarize(view, lines)
    draw_figure(
        _TITLE,
        figure,
        data=data,
        definition=["cohort_retention", "cohort_retention.net_amount", "cohort_retention.customer_count"],
        summary=summary,
        note=join_sentences(
            f"Cumulative net revenue per customer. {summary} The CSV has all cohorts.",
            note_wash_out(view),
            note_unfiltered(view.filters),
        ),
        height=380,
    )


def _select_cohorts(data: Result) -> list[dt.date]:
    """Return the cohorts with two or more points, oldest first."""
    seen = data.column("cohort_month_date")
    return [month for month in dict.fromkeys(seen) if seen.count(month) > 1]


def _build_line(view: View, data: Result, month: dt.date) -> Line:
    rows = [row for row in data.records() if row["cohort_month_date"] == month]
    values = [float(row["amount_per_customer"]) for row in rows]
    name, formats = view.formats.month(month), view.formats
    hover = [
        f"{name}, after {row['months_since']} months: {formats.money(value)} per customer"
        for row, value in zip(rows, values, strict=True)
    ]
    return Line([row["months_since"] for row in rows], values, hover)


def _choose_step(lines: dict[dt.date, Line]) -> int:
    longest = max(max(line.at) for line in lines.values())
    return 1 if longest <= 6 else 2 if longest <= 12 else 3 if longest <= 24 else 6


def _summarize(view: View, lines: dict[dt.date, Line]) -> str:
    month, line = next(iter(lines.items()))
    money, name = view.formats.money, view.formats.month(month)
    first, last = money(line.middle[0]), money(line.middle[-1])
    return f"A customer acquired in {name} spent {first} in the first month and {last} within {line.at[-1]} months."
