"""Engagement: how many customers are active, how often they come, and who joins."""

from __future__ import annotations

from patron.serve.dashboard.filters import FilterSpec
from patron.serve.dashboard.page import Page
from patron.serve.dashboard.view import View


def render(view: View) -> None:
    """Draw the page."""
    from patron.serve.dashboard.pages.engagement.active import active
    from patron.serve.dashboard.pages.engagement.days import chosen_days
    from patron.serve.dashboard.pages.engagement.frequency import frequency, new_and_returning
    from patron.serve.dashboard.pages.engagement.visits import sign_ups, visits

    days = chosen_days(view)
    active(view, days)
    new_and_returning(view, days)
    frequency(view, days)
    visits(view)
    sign_ups(view)


PAGE = Page(
    path="engagement",
    title="Engagement",
    question="How many customers are active, and how often do they come back?",
    icon=":material/groups:",
    render=render,
    filters=FilterSpec(("period",)),
    needs=("engagement_daily",),
)
