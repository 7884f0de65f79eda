"""Engagement: active customers, purchase frequency, visits and sign-ups."""

from __future__ import annotations

from patron.serve.dashboard.filters import FilterSpec
from patron.serve.dashboard.page import Page
from patron.serve.dashboard.view import View


def render(view: View) -> None:
    """Draw the page."""
    from patron.serve.dashboard.pages.engagement.active import draw_active
    from patron.serve.dashboard.pages.engagement.days import choose_days
    from patron.serve.dashboard.pages.engagement.frequency import draw_frequency, draw_new_and_returning
    from patron.serve.dashboard.pages.engagement.visits import draw_sign_ups, draw_visits

    days = choose_days(view)
    draw_active(view, days)
    draw_new_and_returning(view, days)
    draw_frequency(view, days)
    draw_visits(view)
    draw_sign_ups(view)


PAGE = Page(
    path="engagement",
    title="Engagement",
    question="How many customers are active, and how often do they order?",
    icon=":material/groups:",
    render=render,
    filters=FilterSpec(("period",)),
    needs=("engagement_daily",),
)
