"""Lifetime value: customer value, how certain it is, and where valuable customers come from."""

from __future__ import annotations

from patron.serve.dashboard.filters import FilterSpec
from patron.serve.dashboard.page import Page
from patron.serve.dashboard.view import View


def render(view: View) -> None:
    """Draw the page."""
    from patron.serve.dashboard.pages.lifetime_value.cohort_value import draw_cohort_value
    from patron.serve.dashboard.pages.lifetime_value.covariates import draw_covariates
    from patron.serve.dashboard.pages.lifetime_value.distribution import draw_distribution, draw_summary
    from patron.serve.dashboard.pages.lifetime_value.holdout import draw_holdout
    from patron.serve.dashboard.pages.lifetime_value.measures import choose_measure
    from patron.serve.dashboard.pages.lifetime_value.new_customers import draw_new_customers
    from patron.serve.dashboard.pages.lifetime_value.tiers import draw_tiers
    from patron.serve.dashboard.pages.lifetime_value.top import draw_top

    measure = choose_measure(view)
    draw_summary(view, measure)
    draw_distribution(view, measure)
    draw_tiers(view, measure)
    draw_top(view, measure)
    draw_holdout(view)
    draw_cohort_value(view)
    draw_new_customers(view)
    draw_covariates(view)


PAGE = Page(
    path="lifetime_value",
    title="Lifetime value",
    question="What is the value of customers, and how certain is it?",
    icon=":material/diamond:",
    render=render,
    filters=FilterSpec(("segment", "region", "channel")),
    needs=("customer_clv",),
)
