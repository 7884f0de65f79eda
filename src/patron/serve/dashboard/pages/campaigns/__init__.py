"""Campaigns: attributed revenue, conversion and funnel of each."""

from __future__ import annotations

from patron.serve.dashboard.page import Page
from patron.serve.dashboard.view import View


def render(view: View) -> None:
    """Draw the page."""
    from patron.serve.dashboard.pages.campaigns.attribution import draw_attribution
    from patron.serve.dashboard.pages.campaigns.funnel import draw_funnel
    from patron.serve.dashboard.pages.campaigns.performance import draw_conversions, draw_ranking, draw_summary

    draw_summary(view)
    draw_attribution(view)
    draw_conversions(view)
    draw_funnel(view)
    draw_ranking(view)


PAGE = Page(
    path="campaigns",
    title="Campaigns",
    question="Which campaigns bring customers and revenue?",
    icon=":material/campaign:",
    render=render,
    needs=("campaign_performance",),
)
