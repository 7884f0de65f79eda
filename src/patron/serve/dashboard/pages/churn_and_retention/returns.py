"""Return curves: the share of the customers lost in a month who have bought again, week by week."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from patron.contract.metrics import select
from patron.serve.dashboard.pages.churn_and_retention.curves import LEAST_CUSTOMERS, Curve, draw_curves
from patron.serve.dashboard.pages.churn_and_retention.summary import query_window_days
from patron.serve.dashboard.widgets.empty_state import draw_empty_state, explain_empty

if TYPE_CHECKING:
    from patron.serve.dashboard.data import Result
    from patron.serve.dashboard.view import View

_CURVE = Curve(
    "Lost customers who came back",
    table="return_after_loss",
    month="lost_month_date",
    rate="return_rate",
    verb="came back",
    since="Weeks since the customer was lost",
)
_LEAST_WEEKS = 4

_RETURNS = select(
    ["customer_losses", "customer_comebacks", "comeback_rate"], table="churn_by_period", where="period_kind = 'month'"
)


def draw_returns(view: View) -> None:
    """Draw the curves of a few months of losses."""
    data = view.data.rows(_CURVE.sql)
    months = _select_months(data)
    if not months:
        draw_empty_state(f"{_CURVE.title}: no data", _explain_empty(view))
        return
    note = (
        f"Months in which {query_window_days(view)} days without an order were over; bands are 95% intervals. "
        "Whoever is lost twice counts twice."
    )
    draw_curves(view, _CURVE, data, months, describe_returns(view), note)


def describe_returns(view: View) -> str:
    """Say how many of the customers who were ever lost have bought again; empty if none was lost."""
    totals, formats = view.data.first(_RETURNS), view.formats
    if not totals["customer_losses"]:
        return ""
    losses, comebacks = (formats.count(totals[f"customer_{name}"]) for name in ("losses", "comebacks"))
    share = formats.share(totals["comeback_rate"])
    return f"Of {losses} losses so far, {comebacks} ({share}) were followed by a new order."


def _select_months(data: Result) -> list[dt.date]:
    found: dict[dt.date, bool] = {}
    for row in data.records():
        is_telling = row["lost_count"] >= LEAST_CUSTOMERS and row["weeks_since"] >= _LEAST_WEEKS
        found[row["lost_month_date"]] = found.get(row["lost_month_date"], False) or is_telling
    return [month for month, is_telling in found.items() if is_telling]


def _explain_empty(view: View) -> str:
    if not view.data.count("return_after_loss"):
        return explain_empty(view, "return_after_loss")
    return f"In no month were {LEAST_CUSTOMERS} or more customers lost and observed for {_LEAST_WEEKS} weeks since."
