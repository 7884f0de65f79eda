"""Places and times: when customers order, by region, and sales by store."""

from __future__ import annotations

from patron.serve.dashboard.filters import FilterSpec
from patron.serve.dashboard.page import Page
from patron.serve.dashboard.view import View


def render(view: View) -> None:
    """Draw the page."""
    from patron.serve.dashboard.pages.places_and_times.hours import draw_hours
    from patron.serve.dashboard.pages.places_and_times.regions import draw_regions
    from patron.serve.dashboard.pages.places_and_times.stores import draw_stores

    draw_hours(view)
    draw_regions(view)
    draw_stores(view)


PAGE = Page(
    path="places_and_times",
    title="Places and times",
    question="When and where do customers order?",
    icon=":material/schedule:",
    render=render,
    filters=FilterSpec(("region",)),
    needs=("fct_orders",),
)
