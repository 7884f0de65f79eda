"""Survival curves: the share of a cohort that has not churned, week by week."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from patron.serve.dashboard.pages.churn_and_retention.summary import query_window_days
from patron.serve.dashboard.widgets.axes import set_share_axis
from patron.serve.dashboard.widgets.charts import draw_figure
from patron.serve.dashboard.widgets.cohort_lines import Line, draw_cohort_lines, pick_evenly
from patron.serve.dashboard.widgets.empty_state import draw_empty_state, explain_empty
from patron.serve.dashboard.widgets.scope import join_sentences, note_unfiltered

if TYPE_CHECKING:
    from patron.serve.dashboard.data import Result
    from patron.serve.dashboard.view import View

_TITLE = "Customer survival by cohort"
_MOST = 4
_LEAST_CUSTOMERS = 20

_SURVIVAL = """
select
    cohort_month_date,
    weeks_since,
    customer_count,
    at_risk_count,
    churned_count,
    censored_count,
    survival_rate,
    survival_rate_low,
    survival_rate_high
from gold.survival_by_cohort
order by cohort_month_date, weeks_since
"""


def draw_survival(view: View) -> None:
    """Draw the curves of a few cohorts with their 95% intervals; the CSV has all of them."""
    data = view.data.rows(_SURVIVAL)
    months = _select_cohorts(data, query_window_days(view))
    if not months:
        draw_empty_state(f"{_TITLE}: no data", _explain_empty(view))
        return
    lines = {month: _build_line(view, data, month) for month in pick_evenly(months, _MOST)}
    figure = draw_cohort_lines(lines, view.theme, view.formats)
    longest = max(max(line.at) for line in lines.values())
    figure.update_layout(xaxis={"title": {"text": "Weeks since the first order"}, "dtick": 13 if longest > 40 else 4})
    figure.update_layout(yaxis={"rangemode": "tozero"})
    set_share_axis(figure, [0.0, 1.0], view.formats)
    summary = _summarize(view, lines)
    draw_figure(
        _TITLE,
        figure,
        data=data,
        definition=["survival_by_cohort", "survival_by_cohort.survival_rate", "survival_by_cohort.survival_rate_low"],
        summary=summary,
        note=join_sentences(
            summary,
            f"Cohorts by month of the first order; bands are 95% intervals. A customer counts as churned after "
            f"{query_window_days(view)} days without an order. The CSV has all cohorts.",
            note_unfiltered(view.filters),
        ),
        height=400,
    )


def _select_cohorts(data: Result, days: int) -> list[dt.date]:
    """Return the cohorts that are large enough and older than the churn window, oldest first."""
    found: dict[dt.date, bool] = {}
    for row in data.records():
        is_telling = row["customer_count"] >= _LEAST_CUSTOMERS and row["weeks_since"] * 7 >= days + 7
        found[row["cohort_month_date"]] = found.get(row["cohort_month_date"], False) or is_telling
    return [month for month, is_telling in found.items() if is_telling]


def _explain_empty(view: View) -> str:
    if not view.data.count("survival_by_cohort"):
        return explain_empty(view, "survival_by_cohort")
    cohort = f"No cohort of {_LEAST_CUSTOMERS} or more customers is older than the churn window"
    return f"{cohort} of {query_window_days(view)} days."


def _build_line(view: View, data: Result, month: dt.date) -> Line:
    rows = [row for row in data.records() if row["cohort_month_date"] == month]
    share, name = view.formats.share, view.formats.month(month)
    hover = [
        f"{name}, week {row['weeks_since']}: {share(row['survival_rate'])} retained, {row['at_risk_count']} observed"
        for row in rows
    ]
    return Line(
        [row["weeks_since"] for row in rows],
        [row["survival_rate"] for row in rows],
        hover,
        [row["survival_rate_low"] for row in rows],
        [row["survival_rate_high"] for row in rows],
    )


def _summarize(view: View, lines: dict[dt.date, Line]) -> str:
    month, line = next(iter(lines.items()))
    stay = view.formats.share(line.middle[-1])
    return f"{stay} of the customers who first ordered in {view.formats.month(month)} remain after {line.at[-1]} weeks."
