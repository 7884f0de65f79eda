"""The days that the page shows: those of the period, or some of them; in the URL as `days=2011-11-01..2011-11-30`."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from patron.serve.dashboard.view import View

_PARAMETER = "days"
_KEY = "chosen_days"


@dataclass(frozen=True)
class Days:
    """First and last day, and how many."""

    first: dt.date
    last: dt.date

    @property
    def count(self) -> int:
        """Days, both ends included."""
        return (self.last - self.first).days + 1

    def before(self) -> Days:
        """As many days, just before."""
        return Days(self.first - dt.timedelta(self.count), self.first - dt.timedelta(1))

    def within(self, others: Days) -> Days | None:
        """Those that are of the others too; None where there are none."""
        first, last = max(self.first, others.first), min(self.last, others.last)
        return Days(first, last) if first <= last else None

    def __str__(self) -> str:
        return f"{self.first}..{self.last}"


def parsed(text: str) -> Days | None:
    """The days of a URL; None for what is none."""
    first, _, last = text.partition("..")
    try:
        days = Days(dt.date.fromisoformat(first), dt.date.fromisoformat(last))
    except ValueError:
        return None
    return days if days.first <= days.last else None


def calendar(view: View) -> Days:
    """All days that the shop has."""
    found = view.data.first("select min(activity_date) as first, max(activity_date) as last from gold.engagement_daily")
    return Days(found["first"], found["last"])


def chosen_days(view: View) -> Days:
    """Draw the choice of days, and give them."""
    whole = calendar(view)
    offered = Days(*view.filters.days()).within(whole) or whole
    asked = parsed(st.query_params.get(_PARAMETER, ""))
    now = (asked and asked.within(offered)) or offered
    st.session_state[_KEY] = (now.first, now.last)
    st.date_input(
        "Days",
        key=_KEY,
        min_value=offered.first,
        max_value=offered.last,
        format=_written_as(view),
        on_change=_keep,
        width=280,
    )
    return now


def _written_as(view: View) -> str:
    """The shop's order of day, month and year, and what stands between, as Streamlit calls them."""
    from babel import Locale

    pattern = str(Locale.parse(view.formats.locale).date_formats["short"].pattern)
    parts = sorted(("DD", "MM", "YYYY"), key=lambda part: pattern.lower().index(part[0].lower()))
    between = next((sign for sign in "/.-" if sign in pattern), "/")
    known = {("DD", "MM", "YYYY"), ("MM", "DD", "YYYY"), ("YYYY", "MM", "DD")}
    return between.join(parts if tuple(parts) in known else ("YYYY", "MM", "DD"))


def _keep() -> None:
    """Write both ends into the URL; one end alone is a choice half made."""
    picked = st.session_state[_KEY]
    if len(picked) == 2:
        st.query_params[_PARAMETER] = str(Days(*picked))
