"""The engine that models run on."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from patron.project.settings.cloud_account import CloudAccount


class Warehouse(CloudAccount):
    """The engine that models run on."""

    engine: Literal["duckdb", "spark", "bigquery", "snowflake", "databricks"] = Field(
        "duckdb",
        description="duckdb on this machine, Spark, or a warehouse in the cloud (each with the extra of its name).",
    )
    memory_limit: str | None = Field(
        None,
        pattern=r"^\d+(\.\d+)?\s?(MB|GB|TB)$",
        description="Such as 4GB; 60% of the machine's memory, if unset (Spark: 2GB). DuckDB spills to disk beyond it.",
    )
    threads: int | None = Field(None, gt=0, description="Processor threads; all, if unset.")
