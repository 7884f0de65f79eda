"""Lifetime value: what customers are worth, how sure that is, and where valuable ones come from."""

from __future__ import annotations

from patron.serve.dashboard.filters import FilterSpec
from patron.serve.dashboard.page import Page
from patron.serve.dashboard.view import View


def render(view: View) -> None:
    """Draw the page."""
    from patron.serve.dashboard.pages.lifetime_value.cohort_value import cohort_value
    from patron.serve.dashboard.pages.lifetime_value.distribution import distribution, summary
    from patron.serve.dashboard.pages.lifetime_value.holdout import holdout
    from patron.serve.dashboard.pages.lifetime_value.measures import chosen_measure
    from patron.serve.dashboard.pages.lifetime_value.new_customers import new_customers
    from patron.serve.dashboard.pages.lifetime_value.tiers import tiers
    from patron.serve.dashboard.pages.lifetime_value.top import top

    measure = chosen_measure(view)
    summary(view, measure)
    distribution(view, measure)
    tiers(view, measure)
    top(view, measure)
    holdout(view)
    cohort_value(view)
    new_customers(view)


PAGE = Page(
    path="lifetime_value",
    title="Lifetime value",
    question="What are customers worth, and how sure is that?",
    icon=":material/diamond:",
    render=render,
    filters=FilterSpec(("segment", "region", "channel")),
    needs=("customer_clv",),
)
