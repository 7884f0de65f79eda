"""The base of all settings: a strict model, and the types of simple values."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from patron.contract.entities import EVENT_DAYS
from patron.ingest.settings_base import NotBlank, OneOrMore, Settings, Words, as_text

__all__ = ["SOURCE_NAME", "Day", "NotBlank", "OneOrMore", "Settings", "Words", "as_text"]

SOURCE_NAME = r"^[a-z][a-z0-9_]{0,62}$"


def _parse_day(value: Any) -> Any:
    """Parse latest, today, or a date; a bare number is not a date."""
    if value in ("latest", "today"):
        return value
    day = _to_date(value)
    if day is None:
        raise ValueError(f"{str(value)!r} is not a valid date; write latest, today, or a date such as 2011-12-10")
    if not EVENT_DAYS[0] <= day.isoformat() <= EVENT_DAYS[1]:
        raise ValueError(f"{value} is not from {EVENT_DAYS[0]} to {EVENT_DAYS[1]}")
    return day


def _to_date(value: Any) -> dt.date | None:
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    if not (isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value)):
        return None
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        return None


Day = Annotated[Literal["latest", "today"] | dt.date, BeforeValidator(_parse_day)]
