"""All of patron.yaml as one frozen tree of settings."""

from __future__ import annotations

import zoneinfo
from typing import Annotated, Literal

from pydantic import Field, field_validator

from patron.errors import did_you_mean
from patron.project.settings.base import SOURCE_NAME, Day, NotBlank, Settings
from patron.project.settings.contacts import Campaigns, Channels, Loyalty, Promotions, Support
from patron.project.settings.dashboard import Dashboard
from patron.project.settings.deliveries import Deliveries, Reviews, Surveys
from patron.project.settings.predictions import Predictions
from patron.project.settings.publishing import Audiences, Publish
from patron.project.settings.questions import Questions
from patron.project.settings.scoring import AllBands, Churn, Clv, Orders, Rfm, Rules
from patron.project.settings.sources import Source


class Shop(Settings):
    """Who the shop is, and in what it counts."""

    name: NotBlank = Field(description="The shop's name, as reports print it.")
    currency: str = Field(
        "USD", pattern="^[A-Z]{3}$", description="ISO code of the currency that amounts are in, such as EUR."
    )
    locale: str = Field("en_US", description="How numbers, money and days are written, such as en_GB or de_DE.")
    timezone: str = Field("UTC", description="IANA name. Times without an offset are taken as local to it.")

    @field_validator("locale")
    @classmethod
    def _known_locale(cls, name: str) -> str:
        from babel import localedata

        name = name.replace("-", "_")
        if not localedata.exists(name):
            known = localedata.locale_identifiers()
            hint = did_you_mean(name, known) or "write a language and a country such as en_GB"
            raise ValueError(f"{name!r} is no locale; {hint}")
        return name

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, name: str) -> str:
        if name not in zoneinfo.available_timezones():
            known = zoneinfo.available_timezones()
            hint = did_you_mean(name, known) or "write an IANA name such as Europe/London"
            raise ValueError(f"{name!r} is no timezone; {hint}")
        return name


class Quarantine(Settings):
    """How many bad rows stop a run: of each source's rows that are new, or of all, where a mapping changed."""

    stop_above_rate: float = Field(
        0.5, ge=0, le=1, description="Nothing is published where more of a source is bad, 0 to 1. 1 never stops."
    )
    at_least_rows: int = Field(100, gt=0, description="Fewer bad rows than this never stop a run.")


class Warehouse(Settings):
    """The engine that the models run on."""

    engine: Literal["duckdb", "spark"] = Field("duckdb", description="duckdb on this machine, or Spark (extra: spark).")
    memory_limit: str | None = Field(
        None,
        pattern=r"^\d+(\.\d+)?\s?(MB|GB|TB)$",
        description="Such as 4GB; 60% of what there is, if unset (Spark: 2GB). DuckDB spills beyond it.",
    )
    threads: int | None = Field(None, gt=0, description="Processor threads; all, if unset.")


class ProjectSettings(Settings):
    """All of patron.yaml."""

    shop: Shop = Field(description="Who the shop is, and in what it counts.")
    data: str = Field("data", description="Folder that file patterns start from; relative to patron.yaml, or absolute.")
    as_of: Day = Field("latest", description="The day everything is measured at. latest: the day after the last event.")
    sources: dict[Annotated[str, Field(pattern=SOURCE_NAME)], Source] = Field(description="Name: source.", min_length=1)
    rules: Rules = Field(Rules(), description="Rule files.")
    orders: Orders = Field(Orders(), description="Which orders count.")
    rfm: Rfm = Field(Rfm(), description="RFM scoring.")
    clv: Clv = Field(Clv(), description="Customer lifetime value by formula.")
    churn: Churn = Field(Churn(), description="Churn.")
    predictions: Predictions = Field(Predictions(), description="What is predicted, by which model.")
    bands: AllBands = Field(AllBands(), description="Names for ranges of age, income, price, ...")
    channels: Channels = Field(Channels(), description="Where customers buy.")
    loyalty: Loyalty = Field(Loyalty(), description="The loyalty programme.")
    support: Support = Field(Support(), description="Service interactions.")
    campaigns: Campaigns = Field(Campaigns(), description="How revenue is shared out over touches.")
    promotions: Promotions = Field(Promotions(), description="How promotions are measured.")
    questions: Questions = Field(Questions(), description="Windows and thresholds of the business questions.")
    deliveries: Deliveries = Field(Deliveries(), description="Deliveries and places.")
    reviews: Reviews = Field(Reviews(), description="The sentiment of reviews.")
    surveys: Surveys = Field(Surveys(), description="Segments by what customers say of themselves.")
    quarantine: Quarantine = Field(Quarantine(), description="How many bad rows stop a run.")
    audiences: Audiences = Field(Audiences(), description="Lists of people to contact.")
    publish: Publish = Field(Publish(), description="Gold in a PostgreSQL server.")
    warehouse: Warehouse = Field(Warehouse(), description="The engine.")
    dashboard: Dashboard = Field(Dashboard(), description="Who may see the dashboard.")
