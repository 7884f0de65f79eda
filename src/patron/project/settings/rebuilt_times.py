"""Times that a source does not have and that are rebuilt from what it has: `rebuilt_times` of a source."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import Field

from patron.project.settings.base import NotBlank, Settings

ADDED_BY_TIMES = ("rebuilt_at", "is_gap_capped")
"""The columns that a source's rows get: a timestamp, and whether the gap before it may have been longer."""

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class RebuiltTimes(Settings):
    """The source of `rebuilt_at`: a customer's orders in sequence, each a number of days after the previous one."""

    customer: NotBlank = Field(description="Column with the customer of the order.")
    number: NotBlank = Field(description="Column with the number of the customer's order: 1, 2, 3, ...")
    gap_days: NotBlank = Field(description="Column with the days since the previous order; blank for the first.")
    weekday: NotBlank = Field(description="Column with the weekday, 0 to 6.")
    hour: NotBlank = Field(description="Column with the hour, 0 to 23.")
    first_weekday: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] = Field(
        "sunday", description="Which weekday 0 is."
    )
    anchor_date: dt.date = Field(
        description="First orders are placed from the first such weekday on or after this date."
    )
    spread_weeks: int = Field(
        1,
        ge=1,
        le=520,
        description="First orders are spread over this many weeks, by a fixed hash of the customer; 1: all in one "
        "week.",
    )
    cap_days: int | None = Field(
        None, gt=0, description="Gaps of this many days may have been longer; `is_gap_capped` marks them."
    )

    @property
    def first_week(self) -> dt.date:
        """Return the day that weekday 0 of the first week falls on."""
        missing = (WEEKDAYS.index(self.first_weekday) - self.anchor_date.weekday()) % 7
        return self.anchor_date + dt.timedelta(days=missing)

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the source's columns that are read."""
        return (self.customer, self.number, self.gap_days, self.weekday, self.hour)
