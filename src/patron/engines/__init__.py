"""The only door to an engine. `open_warehouse` picks the one that patron.yaml names."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse
    from patron.project.project import Project


def open_warehouse(project: Project) -> Warehouse:
    """The project's warehouse. Raises EngineError when the engine's extra is not installed."""
    if project.settings.warehouse.engine == "spark":
        from patron.engines.spark.engine import SparkWarehouse

        return SparkWarehouse(project)
    from patron.engines.duckdb import DuckDBWarehouse

    return DuckDBWarehouse(project)
