"""How long customers stay: the share of a cohort that has not churned, week by week."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from patron.serve.dashboard.pages.churn_and_retention.summary import window_days
from patron.serve.dashboard.widgets.axes import share_axis
from patron.serve.dashboard.widgets.charts import figure
from patron.serve.dashboard.widgets.cohort_lines import Line, cohort_lines, spread
from patron.serve.dashboard.widgets.empty_state import empty, why
from patron.serve.dashboard.widgets.scope import of_all, sentences

if TYPE_CHECKING:
    from patron.serve.dashboard.data import Result
    from patron.serve.dashboard.view import View

_TITLE = "How long do customers stay?"
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


def survival(view: View) -> None:
    """Curves of a few cohorts with their intervals; the CSV has all."""
    data = view.data.rows(_SURVIVAL)
    months = _telling(data, window_days(view))
    if not months:
        empty(f"{_TITLE} Nothing to show", _why_none(view))
        return
    lines = {month: _line(view, data, month) for month in spread(months, _MOST)}
    drawn = cohort_lines(lines, view.theme, view.formats)
    longest = max(max(line.at) for line in lines.values())
    drawn.update_layout(xaxis={"title": {"text": "Weeks since the first order"}, "dtick": 13 if longest > 40 else 4})
    drawn.update_layout(yaxis={"rangemode": "tozero"})
    share_axis(drawn, [0.0, 1.0], view.formats)
    said = _said(view, lines)
    figure(
        _TITLE,
        drawn,
        data=data,
        definition=["survival_by_cohort", "survival_by_cohort.survival_rate", "survival_by_cohort.survival_rate_low"],
        says=said,
        note=sentences(
            said,
            f"By month of the first order; bands are ranges of 95% certainty. Nobody is counted as lost before "
            f"{window_days(view)} days of silence. The CSV has all cohorts.",
            of_all(view.filters),
        ),
        height=400,
    )


def _telling(data: Result, days: int) -> list[dt.date]:
    """Cohorts large enough, and seen for longer than it takes to be lost; oldest first."""
    found: dict[dt.date, bool] = {}
    for row in data.records():
        is_telling = row["customer_count"] >= _LEAST_CUSTOMERS and row["weeks_since"] * 7 >= days + 7
        found[row["cohort_month_date"]] = found.get(row["cohort_month_date"], False) or is_telling
    return [month for month, is_telling in found.items() if is_telling]


def _why_none(view: View) -> str:
    if not view.data.count("survival_by_cohort"):
        return why(view, "survival_by_cohort")
    seen = f"No cohort of {_LEAST_CUSTOMERS} customers or more has been seen for more than the {window_days(view)} days"
    return f"{seen} of silence after which a customer counts as lost."


def _line(view: View, data: Result, month: dt.date) -> Line:
    rows = [row for row in data.records() if row["cohort_month_date"] == month]
    share, name = view.formats.share, view.formats.month(month)
    hover = [
        f"{name}, week {row['weeks_since']}: {share(row['survival_rate'])} stay, {row['at_risk_count']} seen"
        for row in rows
    ]
    return Line(
        [row["weeks_since"] for row in rows],
        [row["survival_rate"] for row in rows],
        hover,
        [row["survival_rate_low"] for row in rows],
        [row["survival_rate_high"] for row in rows],
    )


def _said(view: View, lines: dict[dt.date, Line]) -> str:
    month, line = next(iter(lines.items()))
    stay = view.formats.share(line.middle[-1])
    return f"Of who first bought in {view.formats.month(month)}, {stay} stay after {line.at[-1]} weeks."
