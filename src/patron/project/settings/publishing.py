"""Settings of exports: tables for BI tools, and lists of customers to contact."""

from __future__ import annotations

from pydantic import Field, field_validator

from patron.contract.personal_data import list_personal_columns
from patron.errors import did_you_mean
from patron.project.settings.base import OneOrMore, Settings


class Publish(Settings):
    """Gold in a PostgreSQL server, by `patron export`."""

    personal: bool = Field(
        False,
        description="Whether personal columns (names, email addresses, ...) are published too. Otherwise they are "
        "left out.",
    )


class Audiences(Settings):
    """Lists of customers to contact, by `patron audience`."""

    personal: OneOrMore = Field(
        (), description="Personal columns that a list may hold, such as `[email, customer_name]`. Unset: none."
    )
    holdout: float = Field(
        0.1,
        ge=0,
        le=0.9,
        description="Share of an audience that is randomly assigned to the control group and not contacted, 0 to 0.9.",
    )
    measure_days: int = Field(
        90,
        ge=1,
        le=3650,
        description="Purchases in this many days after an audience was created count towards its effect.",
    )

    @field_validator("personal")
    @classmethod
    def _check_personal(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        known = sorted(list_personal_columns())
        for name in names:
            if name not in known:
                hint = did_you_mean(name, known) or f"there are {', '.join(known)}"
                raise ValueError(f"{name!r} is not a personal column; {hint} Other columns need no permission")
        return names
