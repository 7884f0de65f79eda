"""Reviews and delivery: ratings and sentiment, delivery times, repeat purchases and the survey."""

from __future__ import annotations

from patron.serve.dashboard.page import Page
from patron.serve.dashboard.view import View


def render(view: View) -> None:
    """Draw the page."""
    from patron.serve.dashboard.pages.reviews_and_delivery.again import draw_again
    from patron.serve.dashboard.pages.reviews_and_delivery.delivery import draw_delivery
    from patron.serve.dashboard.pages.reviews_and_delivery.reviews import draw_reviews
    from patron.serve.dashboard.pages.reviews_and_delivery.survey import draw_survey

    draw_reviews(view)
    draw_delivery(view)
    draw_again(view)
    draw_survey(view)


PAGE = Page(
    path="reviews_and_delivery",
    title="Reviews and delivery",
    question="What do customers say, and how well are they served?",
    icon=":material/reviews:",
    render=render,
    needs=("review_analytics", "delivery_quality", "survey_segments"),
)
