"""Survival curves: the share of a cohort that has had no silence longer than the churn window, week by week."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from patron.serve.dashboard.pages.churn_and_retention.curves import LEAST_CUSTOMERS, Curve, draw_curves
from patron.serve.dashboard.pages.churn_and_retention.summary import query_window_days
from patron.serve.dashboard.widgets.empty_state import draw_empty_state, explain_empty
from patron.serve.dashboard.widgets.scope import join_sentences
from patron.serve.dashboard.widgets.wash_out import note_wash_out

if TYPE_CHECKING:
    from patron.serve.dashboard.data import Result
    from patron.serve.dashboard.view import View

_CURVE = Curve(
    "Customer survival by cohort",
    table="survival_by_cohort",
    month="cohort_month_date",
    rate="survival_rate",
    verb="not lost so far",
    since="Weeks since the first order",
    rows="is_new",
)


def draw_survival(view: View) -> None:
    """Draw the curves of a few cohorts."""
    data = view.data.rows(_CURVE.sql)
    days = query_window_days(view)
    months = _select_cohorts(data, days)
    if not months:
        draw_empty_state(f"{_CURVE.title}: no data", _explain_empty(view, days))
        return
    last = [row for row in data.records() if row["cohort_month_date"] == months[0]][-1]
    stay, first = view.formats.share(last["survival_rate"]), view.formats.month(months[0])
    summary = f"{stay} of the customers who first ordered in {first} had no silence longer than {days} days in "
    summary += f"{last['weeks_since']} weeks."
    note = (
        "Cohorts by month of the first order; bands are 95% intervals. A silence counts even if the customer came "
        f"back; in the first {days} days none can be that long."
    )
    draw_curves(view, _CURVE, data, months, summary, join_sentences(note, note_wash_out(view)))


def _select_cohorts(data: Result, days: int) -> list[dt.date]:
    """Return the cohorts that are large enough and older than the churn window, oldest first."""
    found: dict[dt.date, bool] = {}
    for row in data.records():
        is_telling = row["customer_count"] >= LEAST_CUSTOMERS and row["weeks_since"] * 7 >= days + 7
        found[row["cohort_month_date"]] = found.get(row["cohort_month_date"], False) or is_telling
    return [month for month, is_telling in found.items() if is_telling]


def _explain_empty(view: View, days: int) -> str:
    if not view.data.count("survival_by_cohort"):
        return explain_empty(view, "survival_by_cohort")
    return f"No cohort of {LEAST_CUSTOMERS} or more customers is older than the churn window of {days} days."
