"""Churn and retention: who is leaving, what is at stake and how long customers stay."""

from __future__ import annotations

from patron.serve.dashboard.filters import FilterSpec
from patron.serve.dashboard.page import Page
from patron.serve.dashboard.view import View


def render(view: View) -> None:
    """Draw the page."""
    from patron.serve.dashboard.pages.churn_and_retention.cohorts import draw_cohorts
    from patron.serve.dashboard.pages.churn_and_retention.returns import draw_returns
    from patron.serve.dashboard.pages.churn_and_retention.risk import draw_risk
    from patron.serve.dashboard.pages.churn_and_retention.summary import draw_summary
    from patron.serve.dashboard.pages.churn_and_retention.support import draw_support
    from patron.serve.dashboard.pages.churn_and_retention.survival import draw_survival
    from patron.serve.dashboard.pages.churn_and_retention.trends import draw_churn_trend, draw_repeat_trend

    draw_summary(view)
    draw_risk(view)
    draw_churn_trend(view)
    draw_repeat_trend(view)
    draw_cohorts(view)
    draw_survival(view)
    draw_returns(view)
    draw_support(view)


PAGE = Page(
    path="churn_and_retention",
    title="Churn and retention",
    question="Who is at risk of leaving, what is at stake, and how long do customers stay?",
    icon=":material/trending_down:",
    render=render,
    filters=FilterSpec(("period", "segment", "region", "channel")),
    needs=("customer_churn",),
)
