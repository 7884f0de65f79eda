"""The engine that models run on."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from patron.project.settings.base import Settings


class Warehouse(Settings):
    """The engine that models run on."""

    engine: Literal["duckdb", "spark"] = Field("duckdb", description="duckdb on this machine, or Spark (extra: spark).")
    memory_limit: str | None = Field(
        None,
        pattern=r"^\d+(\.\d+)?\s?(MB|GB|TB)$",
        description="Such as 4GB; 60% of the machine's memory, if unset (Spark: 2GB). DuckDB spills to disk beyond it.",
    )
    threads: int | None = Field(None, gt=0, description="Processor threads; all, if unset.")
