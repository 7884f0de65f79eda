"""The engine that models run on."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from patron.project.settings.cloud_account import CloudAccount

_SIZE = r"^\d+(\.\d+)?\s?(MB|GB|TB)$"
_NAME_AND_PORT = r"[A-Za-z0-9_.-]+:\d{1,5}"
_MASTER = rf"^(local(\[(\*|[1-9]\d{{0,3}})\])?|spark://{_NAME_AND_PORT}(,{_NAME_AND_PORT})*|databricks)$"

_OF_CLUSTERS = ("executor_memory", "executor_cores")


class Warehouse(CloudAccount):
    """The engine that models run on."""

    engine: Literal["duckdb", "spark", "bigquery", "snowflake", "databricks"] = Field(
        "duckdb",
        description="duckdb on this machine, Spark, or a warehouse in the cloud (each with the extra of its name).",
    )
    memory_limit: str | None = Field(
        None,
        pattern=_SIZE,
        description="Such as 4GB; 60% of the machine's memory, if unset (Spark: 2GB, of the driver). DuckDB spills to "
        "disk beyond it.",
    )
    threads: int | None = Field(
        None, gt=0, description="Processor threads; all, if unset. On a Spark cluster: cores of all workers together."
    )
    master: str | None = Field(
        None,
        pattern=_MASTER,
        description="Where Spark runs: `local[*]` (this machine, as if unset), `spark://host:port` (a cluster), or "
        "`databricks`.",
    )
    executor_memory: str | None = Field(
        None, pattern=_SIZE, description="Memory of Spark on each worker of a cluster; Spark's own 1GB, if unset."
    )
    executor_cores: int | None = Field(
        None, gt=0, description="Cores of one executor on a cluster; all that its worker offers, if unset."
    )
    shuffle_partitions: int | None = Field(
        None,
        gt=0,
        description="Parts that Spark splits a join or grouping into, before it merges small ones; 4 on this machine "
        "and 200 on a cluster, if unset.",
    )
    catalog: str | None = Field(
        None,
        pattern=r"^[A-Za-z_][A-Za-z0-9_]*$",
        description="On Databricks: the catalog that holds patron's schemas and nothing else.",
    )

    @property
    def is_cluster(self) -> bool:
        """Whether Spark's workers are other processes than the run."""
        return self.engine == "spark" and self.master is not None and not self.master.startswith("local")

    @model_validator(mode="after")
    def _refuse_settings_without_effect(self) -> Self:
        of_spark = ("master", "shuffle_partitions", *_OF_CLUSTERS)
        self._refuse(of_spark, self.engine != "spark", "is of Spark; set `engine: spark`, or leave it out")
        self._refuse(
            _OF_CLUSTERS, not (self.master or "").startswith("spark:"), "is of clusters: `master: spark://...`"
        )
        is_databricks = self.engine == "databricks" or self.master == "databricks"
        self._refuse(("catalog",), not is_databricks, "is of Databricks: `engine: databricks`, or `master: databricks`")
        if self.master == "databricks" and self.catalog is None:
            raise ValueError("`master: databricks` needs `catalog`, one that holds nothing but patron's schemas")
        is_counted_twice = self.threads and (self.master or "").startswith("local")
        if is_counted_twice:
            raise ValueError("`master` and `threads` both say how many threads; leave one of them out")
        return self

    def _refuse(self, names: tuple[str, ...], is_wrong: bool, why: str) -> None:
        for name in names:
            if is_wrong and getattr(self, name) is not None:
                raise ValueError(f"`{name}` {why}")
