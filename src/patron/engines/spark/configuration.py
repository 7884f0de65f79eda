"""The settings of a Spark session, by what patron.yaml says of the warehouse."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from patron.project.settings import Warehouse as WarehouseSettings

LOCAL_PARTITIONS = 4
"""Spark plans 200; on one machine most of them would be empty, and each costs a task."""

CLUSTER_PARTITIONS = 200
"""Before Spark merges the small ones, which it does after each shuffle when it knows their sizes."""

_SAME_EVERYWHERE = {
    "spark.app.name": "patron",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.extraJavaOptions": "-Duser.timezone=UTC",
    "spark.executor.extraJavaOptions": "-Duser.timezone=UTC",
    "spark.sql.catalogImplementation": "in-memory",
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "spark.databricks.delta.snapshotPartitions": "1",
}
OF_VALUES = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
}
"""What decides the values of tables; a session that others started gets these too."""


def configure(folder: Path, settings: WarehouseSettings, jars: list[Path], address: str) -> dict[str, str]:
    """The settings of a session. address: by which workers reach this machine."""
    return {
        **_SAME_EVERYWHERE,
        **OF_VALUES,
        "spark.driver.memory": java_size(settings.memory_limit or "2GB"),
        "spark.driver.host": address,
        "spark.driver.bindAddress": address,
        "spark.driver.extraClassPath": os.pathsep.join(map(str, jars)),
        "spark.local.dir": str(folder / "spill"),
        "spark.sql.warehouse.dir": str(folder / "tables"),
        **(_of_cluster(settings, jars) if settings.is_cluster else _of_this_machine(settings)),
    }


def _of_this_machine(settings: WarehouseSettings) -> dict[str, str]:
    return {
        "spark.master": settings.master or f"local[{settings.threads or '*'}]",
        "spark.sql.shuffle.partitions": str(settings.shuffle_partitions or LOCAL_PARTITIONS),
    }


def _of_cluster(settings: WarehouseSettings, jars: list[Path]) -> dict[str, str]:
    chosen = {
        "spark.executor.memory": settings.executor_memory and java_size(settings.executor_memory),
        "spark.executor.cores": settings.executor_cores,
        "spark.cores.max": settings.threads,
    }
    return {
        "spark.master": str(settings.master),
        "spark.jars": ",".join(jar.as_uri() for jar in jars),  # workers fetch them from this machine
        "spark.sql.shuffle.partitions": str(settings.shuffle_partitions or CLUSTER_PARTITIONS),
        **{name: str(value) for name, value in chosen.items() if value},
    }


def java_size(limit: str) -> str:
    """4GB as Java writes it: 4096m."""
    number, unit = float(limit[:-2]), limit[-2:]
    return f"{round(number * {'MB': 1, 'GB': 1024, 'TB': 1024**2}[unit])}m"
