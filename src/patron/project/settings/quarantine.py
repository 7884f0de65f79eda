"""The threshold of bad rows that stops a run."""

from __future__ import annotations

import datetime as dt

from pydantic import Field

from patron.project.settings.base import Settings


class Quarantine(Settings):
    """The share of bad rows that stops a run: of a source's new rows, or of all rows after a change of its mapping."""

    stop_above_rate: float = Field(
        0.5,
        ge=0,
        le=1,
        description="Nothing is published if a larger share of a source's rows is bad, 0 to 1. 1 never stops a run.",
    )
    at_least_rows: int = Field(
        100, gt=0, description="Fewer bad rows than this never stop a run that adds to a source; its first rows do."
    )
    future_events: bool = Field(
        False, description="Set aside events that are dated more than a day after they landed, instead of stopping."
    )
    events_before: dt.date | None = Field(
        None, description="Set aside events that are dated before this day, such as the day the shop opened."
    )
