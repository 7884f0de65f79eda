"""What every part of patron.yaml shares: strictness, and the small types of its values."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator

from patron.contract.entities import EVENT_DAYS

SOURCE_NAME = r"^[a-z][a-z0-9_]{0,62}$"


def as_text(value: Any) -> Any:
    """A number or a truth value where a text belongs is the text of that spelling."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


def _as_list(value: Any) -> Any:
    values = value if isinstance(value, list | tuple) else [value] if isinstance(value, str | int | float) else None
    return value if values is None else [as_text(one) for one in values]


def _as_day(value: Any) -> Any:
    """latest, today, a day, or the text of one; a bare number is no day."""
    if value in ("latest", "today"):
        return value
    day = _day(value)
    if day is None:
        raise ValueError(f"{str(value)!r} is no day; write latest, today, or a day such as 2011-12-10")
    if not EVENT_DAYS[0] <= day.isoformat() <= EVENT_DAYS[1]:
        raise ValueError(f"{value} is not from {EVENT_DAYS[0]} to {EVENT_DAYS[1]}")
    return day


def _day(value: Any) -> dt.date | None:
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    if not (isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value)):
        return None
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        return None


NotBlank = Annotated[str, Field(min_length=1, pattern=r"\S")]
OneOrMore = Annotated[tuple[str, ...], BeforeValidator(_as_list)]
Words = Annotated[tuple[NotBlank, ...], BeforeValidator(_as_list)]
Patterns = Annotated[tuple[NotBlank, ...], BeforeValidator(_as_list)]
Day = Annotated[Literal["latest", "today"] | dt.date, BeforeValidator(_as_day)]


class Settings(BaseModel):
    """Base of every part of patron.yaml: unknown keys are refused, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, validate_default=True)

    @field_validator("*", mode="before")
    @classmethod
    def _no_truth_value(cls, value: Any, info: ValidationInfo) -> Any:
        is_switch = cls.model_fields[str(info.field_name)].annotation is bool
        if (value is True or value is False) and not is_switch:
            raise ValueError(f"{str(value).lower()} is neither a number nor a text; this setting is not on or off")
        if is_switch and not isinstance(value, bool):
            raise ValueError(f"{value!r} is neither true nor false")
        return value
