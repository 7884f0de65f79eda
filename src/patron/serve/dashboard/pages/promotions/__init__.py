"""Promotions: who uses them, and how promoted customers and loyalty members differ from others."""

from __future__ import annotations

from patron.serve.dashboard.page import Page
from patron.serve.dashboard.view import View


def render(view: View) -> None:
    """Draw the page."""
    from patron.serve.dashboard.pages.promotions.impact import draw_impact
    from patron.serve.dashboard.pages.promotions.loyalty import draw_by_status, draw_uplift
    from patron.serve.dashboard.pages.promotions.usage import draw_summary, draw_usage

    draw_summary(view)
    draw_usage(view)
    draw_impact(view)
    draw_by_status(view)
    draw_uplift(view)


PAGE = Page(
    path="promotions",
    title="Promotions",
    question="Who buys at a discount, and do promotions and loyalty go with higher spend?",
    icon=":material/sell:",
    render=render,
    needs=("fct_orders",),
)
