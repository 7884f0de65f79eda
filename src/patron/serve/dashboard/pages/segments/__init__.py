"""Segments: size, value, movement and recommended action of each."""

from __future__ import annotations

from patron.serve.dashboard.filters import FilterSpec
from patron.serve.dashboard.page import Page
from patron.serve.dashboard.view import View


def render(view: View) -> None:
    """Draw the page."""
    from patron.serve.dashboard.pages.segments.lists import draw_lists
    from patron.serve.dashboard.pages.segments.matrix import draw_matrix
    from patron.serve.dashboard.pages.segments.moves import draw_moves
    from patron.serve.dashboard.pages.segments.sizes import draw_programmes, draw_sizes, draw_summary

    draw_summary(view)
    draw_sizes(view)
    draw_programmes(view)
    draw_matrix(view)
    draw_moves(view)
    draw_lists(view)


PAGE = Page(
    path="segments",
    title="Segments",
    question="Which kinds of customers does the shop have, and what should you do about each?",
    icon=":material/donut_large:",
    render=render,
    filters=FilterSpec(("period", "segment", "region", "channel")),
    needs=("customer_rfm",),
)
