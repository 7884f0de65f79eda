"""Products: what the shop earns with, how prices move, and what is bought together."""

from __future__ import annotations

from patron.serve.dashboard.page import Page
from patron.serve.dashboard.view import View


def render(view: View) -> None:
    """Draw the page."""
    from patron.serve.dashboard.pages.products.affinity import affinity
    from patron.serve.dashboard.pages.products.articles import articles, summary
    from patron.serve.dashboard.pages.products.categories import categories
    from patron.serve.dashboard.pages.products.prices import prices

    summary(view)
    categories(view)
    articles(view)
    prices(view)
    affinity(view)


PAGE = Page(
    path="products",
    title="Products",
    question="What earns, what comes back, and what is bought together?",
    icon=":material/inventory_2:",
    render=render,
    needs=("product_margin",),
)
