"""Churn and retention: who is leaving, what is at stake, and how long customers stay."""

from __future__ import annotations

from patron.serve.dashboard.filters import FilterSpec
from patron.serve.dashboard.page import Page
from patron.serve.dashboard.view import View


def render(view: View) -> None:
    """Draw the page."""
    from patron.serve.dashboard.pages.churn_and_retention.cohorts import cohorts
    from patron.serve.dashboard.pages.churn_and_retention.risk import risk
    from patron.serve.dashboard.pages.churn_and_retention.summary import summary
    from patron.serve.dashboard.pages.churn_and_retention.support import support
    from patron.serve.dashboard.pages.churn_and_retention.survival import survival
    from patron.serve.dashboard.pages.churn_and_retention.trends import churn_trend, repeat_trend

    summary(view)
    risk(view)
    churn_trend(view)
    repeat_trend(view)
    cohorts(view)
    survival(view)
    support(view)


PAGE = Page(
    path="churn_and_retention",
    title="Churn and retention",
    question="Who is leaving, what is at stake, and how long do customers stay?",
    icon=":material/trending_down:",
    render=render,
    filters=FilterSpec(("period", "segment", "region", "channel")),
    needs=("customer_churn",),
)
