"""Promotions: who uses them, what goes with them, and what loyalty goes with."""

from __future__ import annotations

from patron.serve.dashboard.page import Page
from patron.serve.dashboard.view import View


def render(view: View) -> None:
    """Draw the page."""
    from patron.serve.dashboard.pages.promotions.impact import impact
    from patron.serve.dashboard.pages.promotions.loyalty import by_status, uplift
    from patron.serve.dashboard.pages.promotions.usage import summary, usage

    summary(view)
    usage(view)
    impact(view)
    by_status(view)
    uplift(view)


PAGE = Page(
    path="promotions",
    title="Promotions",
    question="Who buys at a discount, and what goes with promotions and loyalty?",
    icon=":material/sell:",
    render=render,
    needs=("fct_orders",),
)
