"""Reviews and delivery: what customers say, how they are served, and what goes with it."""

from __future__ import annotations

from patron.serve.dashboard.page import Page
from patron.serve.dashboard.view import View


def render(view: View) -> None:
    """Draw the page."""
    from patron.serve.dashboard.pages.reviews_and_delivery.again import again
    from patron.serve.dashboard.pages.reviews_and_delivery.delivery import delivery
    from patron.serve.dashboard.pages.reviews_and_delivery.reviews import reviews
    from patron.serve.dashboard.pages.reviews_and_delivery.survey import survey

    reviews(view)
    delivery(view)
    again(view)
    survey(view)


PAGE = Page(
    path="reviews_and_delivery",
    title="Reviews and delivery",
    question="What do customers say, and how are they served?",
    icon=":material/reviews:",
    render=render,
    needs=("review_analytics", "delivery_quality", "survey_segments"),
)
