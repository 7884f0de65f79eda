"""All of patron.yaml as one frozen tree of settings."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from patron.ingest.settings_base import PathOrAddress, RemoteAddress
from patron.project.settings.bands import AllBands
from patron.project.settings.base import SOURCE_NAME, Day, Settings
from patron.project.settings.churn import Churn
from patron.project.settings.clv import Clv
from patron.project.settings.contacts import Campaigns, Channels, Loyalty, Promotions, Support
from patron.project.settings.customers import Customers
from patron.project.settings.dashboard import Dashboard
from patron.project.settings.deliveries import Deliveries, Surveys
from patron.project.settings.keep import Keep
from patron.project.settings.monitor import Monitor
from patron.project.settings.notify import Notify
from patron.project.settings.predictions import Predictions
from patron.project.settings.publishing import Audiences, Publish
from patron.project.settings.quarantine import Quarantine
from patron.project.settings.questions import Questions
from patron.project.settings.rfm import Rfm
from patron.project.settings.rules import Orders, Rules
from patron.project.settings.shop import Shop
from patron.project.settings.sources import Source
from patron.project.settings.warehouse import Warehouse

__all__ = ["ProjectSettings", "Shop", "Warehouse"]


class ProjectSettings(Settings):
    """All of patron.yaml."""

    shop: Shop = Field(description="Name, currency, locale and timezone of the shop.")
    data: PathOrAddress = Field(
        "data",
        description="Folder that file patterns are relative to; relative to patron.yaml, or absolute, or an address in "
        "object storage: s3://bucket/folder, gs://, az://, abfss://.",
    )
    lake: RemoteAddress | None = Field(
        None,
        description="Address of the lake in object storage, such as s3://bucket/folder; .patron/lake, if unset.",
    )
    as_of: Day = Field(
        "latest",
        description="Everything is measured as of the end of this day: latest (the last day with a receipt that "
        "counts), today, or a date.",
    )
    sources: dict[Annotated[str, Field(pattern=SOURCE_NAME)], Source] = Field(
        description="Source name: its settings.", min_length=1
    )
    rules: Rules = Field(Rules(), description="Rule files.")
    orders: Orders = Field(Orders(), description="The orders that count as spend.")
    customers: Customers = Field(Customers(), description="Who counts as a customer.")
    rfm: Rfm = Field(Rfm(), description="RFM scoring.")
    clv: Clv = Field(Clv(), description="Customer lifetime value by formula.")
    churn: Churn = Field(Churn(), description="The churn window and churn risk.")
    predictions: Predictions = Field(Predictions(), description="The predictions and their models.")
    bands: AllBands = Field(AllBands(), description="Labels for ranges of age, income, price, ...")
    channels: Channels = Field(Channels(), description="The channels in which customers buy.")
    loyalty: Loyalty = Field(Loyalty(), description="The loyalty programme.")
    support: Support = Field(Support(), description="Service interactions.")
    campaigns: Campaigns = Field(Campaigns(), description="The attribution of revenue to touches.")
    promotions: Promotions = Field(Promotions(), description="The measurement of promotions.")
    questions: Questions = Field(Questions(), description="Windows and thresholds of the business questions.")
    deliveries: Deliveries = Field(Deliveries(), description="Deliveries and places.")
    surveys: Surveys = Field(Surveys(), description="Segments by customers' own answers.")
    quarantine: Quarantine = Field(Quarantine(), description="The share of bad rows that stops a run.")
    monitor: Monitor = Field(Monitor(), description="How a source's days are compared with its history.")
    notify: Notify = Field(Notify(), description="Who is told what a run or a check found.")
    audiences: Audiences = Field(Audiences(), description="Lists of customers to contact.")
    publish: Publish = Field(Publish(), description="Gold in a PostgreSQL server.")
    warehouse: Warehouse = Field(Warehouse(), description="The engine.")
    keep: Keep = Field(Keep(), description="What stays on the disk, and for how long.")
    dashboard: Dashboard = Field(Dashboard(), description="Access to the dashboard.")
