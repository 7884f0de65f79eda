"""What counts as odd in a day's rows and values, beside the source's own history."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from patron.project.settings.base import Settings


class Monitor(Settings):
    """Volume and drift: `patron check` compares each source's last days with its own history before them."""

    status: Literal["warn", "fail", "off"] = Field(
        "warn", description="What an odd day is: a warning, a failure of the check, or not looked for."
    )
    days: int = Field(7, ge=1, le=31, description="Days that are judged, up to as_of. Unit: days.")
    history_days: int = Field(
        84,
        ge=28,
        le=730,
        description="Days before each, from which it is expected; less than 28 expect nothing. Unit: days.",
    )
    volume_change: float = Field(
        0.4,
        gt=0,
        lt=1,
        description="A day's rows are odd only beyond this change: 0.4 is below 60% or above 167% of what is expected.",
    )
    volume_deviations: float = Field(
        4, gt=0, description="... and beyond so many of the source's own usual deviations, on a logarithmic scale."
    )
    drift: float = Field(
        0.5,
        gt=0,
        description="Population stability index of a day's values from which they have drifted; 0.25 is a large "
        "shift between months, and a single day moves more.",
    )
    null_rise: float = Field(
        0.2, gt=0, le=1, description="Rise of the share of empty values that is odd. Unit: share, 0 to 1."
    )
    category_share: float = Field(
        0.1,
        gt=0,
        le=1,
        description="Share of the rows from which a new or vanished category is told. Unit: share, 0 to 1.",
    )
