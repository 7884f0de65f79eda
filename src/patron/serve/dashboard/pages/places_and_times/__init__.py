"""Places and times: when people order, region by region, and what each store sells."""

from __future__ import annotations

from patron.serve.dashboard.filters import FilterSpec
from patron.serve.dashboard.page import Page
from patron.serve.dashboard.view import View


def render(view: View) -> None:
    """Draw the page."""
    from patron.serve.dashboard.pages.places_and_times.hours import hours
    from patron.serve.dashboard.pages.places_and_times.regions import regions
    from patron.serve.dashboard.pages.places_and_times.stores import stores

    hours(view)
    regions(view)
    stores(view)


PAGE = Page(
    path="places_and_times",
    title="Places and times",
    question="When do people order, and where?",
    icon=":material/schedule:",
    render=render,
    filters=FilterSpec(("region",)),
    needs=("fct_orders",),
)
