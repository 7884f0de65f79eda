"""The days that the page shows, within the selected period; in the URL as `days=2011-11-01..2011-11-30`."""

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
    """A range of days, both ends included."""

    first: dt.date
    last: dt.date

    @property
    def count(self) -> int:
        """Return the number of days."""
        return (self.last - self.first).days + 1

    def before(self) -> Days:
        """Return the same number of days just before."""
        return Days(self.first - dt.timedelta(self.count), self.first - dt.timedelta(1))

    def within(self, others: Days) -> Days | None:
        """Return the days that both ranges have; None where there are none."""
        first, last = max(self.first, others.first), min(self.last, others.last)
        return Days(first, last) if first <= last else None

    def __str__(self) -> str:
        return f"{self.first}..{self.last}"


def parse_days(text: str) -> Days | None:
    """Parse the days of a URL; None where the text is not a range of days."""
    first, _, last = text.partition("..")
    try:
        days = Days(dt.date.fromisoformat(first), dt.date.fromisoformat(last))
    except ValueError:
        return None
    return days if days.first <= days.last else None


def query_calendar(view: View) -> Days:
    """Return all days of the shop's data."""
    found = view.data.first("select min(activity_date) as first, max(activity_date) as last from gold.engagement_daily")
    return Days(found["first"], found["last"])


def choose_days(view: View) -> Days:
    """Draw the date picker and return the selected days."""
    calendar = query_calendar(view)
    offered = Days(*view.filters.days()).within(calendar) or calendar
    selected = parse_days(st.query_params.get(_PARAMETER, ""))
    now = (selected and selected.within(offered)) or offered
    st.session_state[_KEY] = (now.first, now.last)
    st.date_input(
        "Days",
        key=_KEY,
        min_value=offered.first,
        max_value=offered.last,
        format=_convert_date_format(view),
        on_change=_keep,
        width=280,
    )
    return now


def _convert_date_format(view: View) -> str:
    """Return the shop's date format in Streamlit's notation."""
    from babel import Locale

    pattern = str(Locale.parse(view.formats.locale).date_formats["short"].pattern)
    parts = sorted(("DD", "MM", "YYYY"), key=lambda part: pattern.lower().index(part[0].lower()))
    between = next((sign for sign in "/.-" if sign in pattern), "/")
    known = {("DD", "MM", "YYYY"), ("MM", "DD", "YYYY"), ("YYYY", "MM", "DD")}
    return between.join(parts if tuple(parts) in known else ("YYYY", "MM", "DD"))


def _keep() -> None:
    """Write both ends into the URL; one end alone is half a choice."""
    picked = st.session_state[_KEY]
    if len(picked) == 2:
        st.query_params[_PARAMETER] = str(Days(*picked))
