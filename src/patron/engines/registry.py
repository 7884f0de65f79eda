"""The engines that a project can run on, by the name that patron.yaml gives them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patron.errors import EngineError

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse
    from patron.project.project import Project


@dataclass(frozen=True)
class Engine:
    """How to open an engine.

    open: imports the engine and opens a project's warehouse. dialect: the name of its SQL in dialects.py. extra: the
    extra of patron that installs it; empty if none is needed.
    """

    open: Callable[[Project], Warehouse]
    dialect: str
    extra: str = ""


def _open_duckdb(project: Project) -> Warehouse:
    from patron.engines.duckdb import DuckDBWarehouse

    return DuckDBWarehouse(project)


def _open_spark(project: Project) -> Warehouse:
    from patron.engines.spark.engine import SparkWarehouse

    return SparkWarehouse(project)


def _open_bigquery(project: Project) -> Warehouse:
    from patron.engines.bigquery.engine import BigQueryWarehouse

    return BigQueryWarehouse(project)


def _open_snowflake(project: Project) -> Warehouse:
    from patron.engines.snowflake.engine import SnowflakeWarehouse

    return SnowflakeWarehouse(project)


def _open_databricks(project: Project) -> Warehouse:
    from patron.engines.databricks.engine import DatabricksWarehouse

    return DatabricksWarehouse(project)


ENGINES: dict[str, Engine] = {
    "duckdb": Engine(_open_duckdb, dialect="duckdb"),
    "spark": Engine(_open_spark, dialect="spark", extra="spark"),
    "bigquery": Engine(_open_bigquery, dialect="bigquery", extra="bigquery"),
    "snowflake": Engine(_open_snowflake, dialect="snowflake", extra="snowflake"),
    "databricks": Engine(_open_databricks, dialect="databricks", extra="databricks"),
}
"""The name of each engine, as in `warehouse.engine`, and how to open it."""


def open_warehouse(project: Project) -> Warehouse:
    """Open the project's warehouse, on the engine that patron.yaml names.

    Raises EngineError if the engine's libraries are not installed.
    """
    name = project.settings.warehouse.engine
    engine = ENGINES[name]
    try:
        return engine.open(project)
    except ImportError as error:
        do = f"install it: pip install 'patron[{engine.extra}]'" if engine.extra else "install patron again"
        raise EngineError(
            f"The engine {name} is not installed: {error}.", where=f"warehouse.engine: {name}", do=do
        ) from error
