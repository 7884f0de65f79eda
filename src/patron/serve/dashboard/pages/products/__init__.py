"""Products: revenue, margin and returns, price changes, and products bought together."""

from __future__ import annotations

from patron.serve.dashboard.page import Page
from patron.serve.dashboard.view import View


def render(view: View) -> None:
    """Draw the page."""
    from patron.serve.dashboard.pages.products.affinity import draw_affinity
    from patron.serve.dashboard.pages.products.articles import draw_articles, draw_summary
    from patron.serve.dashboard.pages.products.categories import draw_categories
    from patron.serve.dashboard.pages.products.prices import draw_prices

    draw_summary(view)
    draw_categories(view)
    draw_articles(view)
    draw_prices(view)
    draw_affinity(view)


PAGE = Page(
    path="products",
    title="Products",
    question="Which products earn most, which are returned, and which are bought together?",
    icon=":material/inventory_2:",
    render=render,
    needs=("product_margin",),
)
