"""Segments: who is in which, what they are worth, where they go, and what to do with each."""

from __future__ import annotations

from patron.serve.dashboard.filters import FilterSpec
from patron.serve.dashboard.page import Page
from patron.serve.dashboard.view import View


def render(view: View) -> None:
    """Draw the page."""
    from patron.serve.dashboard.pages.segments.lists import lists
    from patron.serve.dashboard.pages.segments.matrix import matrix
    from patron.serve.dashboard.pages.segments.moves import moves
    from patron.serve.dashboard.pages.segments.sizes import programmes, sizes, summary

    summary(view)
    sizes(view)
    programmes(view)
    matrix(view)
    moves(view)
    lists(view)


PAGE = Page(
    path="segments",
    title="Segments",
    question="Which kinds of customers are there, and what to do with each?",
    icon=":material/donut_large:",
    render=render,
    filters=FilterSpec(("period", "segment", "region", "channel")),
    needs=("customer_rfm",),
)
