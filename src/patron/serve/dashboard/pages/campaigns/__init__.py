"""Campaigns: what each brought, by which way of counting, and where its visitors were lost."""

from __future__ import annotations

from patron.serve.dashboard.page import Page
from patron.serve.dashboard.view import View


def render(view: View) -> None:
    """Draw the page."""
    from patron.serve.dashboard.pages.campaigns.attribution import attribution
    from patron.serve.dashboard.pages.campaigns.funnel import funnel
    from patron.serve.dashboard.pages.campaigns.performance import conversions, ranking, summary

    summary(view)
    attribution(view)
    conversions(view)
    funnel(view)
    ranking(view)


PAGE = Page(
    path="campaigns",
    title="Campaigns",
    question="Which campaigns bring customers and revenue?",
    icon=":material/campaign:",
    render=render,
    needs=("campaign_performance",),
)
