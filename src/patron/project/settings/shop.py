"""The shop itself: its name, currency, locale and timezone."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from functools import cache

from pydantic import Field, field_validator

from patron.errors import did_you_mean
from patron.project.settings.base import NotBlank, Settings


class Shop(Settings):
    """The shop's name, currency, locale and timezone."""

    name: NotBlank = Field(description="The shop's name, as shown in reports.")
    currency: str = Field(
        "USD", pattern="^[A-Z]{3}$", description="ISO code of the currency that amounts are in, such as EUR."
    )
    locale: str = Field("en_US", description="How numbers, money and dates are formatted, such as en_GB or de_DE.")
    timezone: str = Field("UTC", description="IANA name. Times without an offset are taken as local to it.")
    opened: dt.date | None = Field(
        None,
        description="The day the shop opened. Customers first seen at the start of data that begin later may be old "
        "ones, and are not counted as new; without it, the data show whether that is so.",
    )

    @field_validator("locale")
    @classmethod
    def _is_known_locale(cls, name: str) -> str:
        from babel import localedata

        name = name.replace("-", "_")
        if not localedata.exists(name):
            known = localedata.locale_identifiers()
            hint = did_you_mean(name, known) or "write a language and a country such as en_GB"
            raise ValueError(f"{name!r} is not a known locale; {hint}")
        return name

    @field_validator("timezone")
    @classmethod
    def _is_known_timezone(cls, name: str) -> str:
        if name not in _list_timezones():
            hint = did_you_mean(name, _list_timezones()) or "write an IANA name such as Europe/London"
            raise ValueError(f"{name!r} is not a known timezone; {hint}")
        return name


@cache
def _list_timezones() -> set[str]:
    """List the names of the machine's timezones: a walk through some 600 files, which a process does once."""
    return zoneinfo.available_timezones()
