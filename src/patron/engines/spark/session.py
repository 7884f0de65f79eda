"""The one Spark session of this process: local, with Delta, and writing nowhere but below .patron/spark."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from patron.engines.spark.jars import find_delta_jars
from patron.errors import EngineError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from patron.project.settings import Warehouse as WarehouseSettings

_SHUFFLE_PARTITIONS = 4
"""Spark plans 200; on one machine most of them would be empty, and each costs a task."""

_sessions: dict[Path, SparkSession] = {}
"""The session by the folder that it serves: one at most."""


def running(folder: Path) -> SparkSession | None:
    """The session that serves FOLDER, if it is up."""
    session = _sessions.get(folder)
    return session if session is not None and not session.sparkContext._jsc.sc().isStopped() else None


def start(folder: Path, settings: WarehouseSettings) -> SparkSession:
    """A session whose tables lie in FOLDER; it takes some seconds. A process has one, so another's is stopped first.

    Raises EngineError where pyspark, Java or Delta's jars are missing, or a foreign session is in the way.
    """
    jars = find_delta_jars()
    _check_java()
    stop()
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    if SparkSession.getActiveSession() is not None:
        do = "end it (spark.stop()), or run patron in a process of its own"
        raise EngineError("Another Spark session runs in this process.", where="pyspark", do=do)
    builder = SparkSession.builder
    for name, value in _configuration(folder, settings, jars).items():
        builder = builder.config(name, value)
    try:
        with _quiet(folder):
            _sessions[folder] = builder.getOrCreate()
    except PySparkException as error:
        do = f"its own message is in {folder / 'spark.log'}"
        raise EngineError(f"Spark did not start: {str(error).splitlines()[0]}", where=str(folder), do=do) from error
    _sessions[folder].sparkContext.setLogLevel("ERROR")
    return _sessions[folder]


def stop() -> None:
    """End the session, if there is one. The Java machine stays until the process ends."""
    for folder in list(_sessions):
        session = running(folder)
        if session is not None:
            # Delta remembers tables by path beyond the session, also those whose files are about to go
            session._jvm.org.apache.spark.sql.delta.DeltaLog.clearCache()
            session.stop()
        del _sessions[folder]


def _check_java() -> None:
    home = os.environ.get("JAVA_HOME")
    if not (home and (Path(home) / "bin" / "java").exists()) and shutil.which("java") is None:
        do = "install Java 17 or 21 (such as openjdk-17-jre-headless), or set JAVA_HOME"
        raise EngineError("Spark needs Java, and there is none.", where="warehouse.engine: spark", do=do)


def _configuration(folder: Path, settings: WarehouseSettings, jars: list[Path]) -> dict[str, str]:
    return {
        "spark.app.name": "patron",
        "spark.master": f"local[{settings.threads or '*'}]",
        "spark.driver.memory": _java_size(settings.memory_limit or "2GB"),
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.extraClassPath": os.pathsep.join(map(str, jars)),
        "spark.driver.extraJavaOptions": "-Duser.timezone=UTC",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.local.dir": str(folder / "spill"),
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.warehouse.dir": str(folder / "tables"),
        "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
        "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.ansi.enabled": "true",
        "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
        "spark.sql.shuffle.partitions": str(_SHUFFLE_PARTITIONS),
        "spark.databricks.delta.snapshotPartitions": "1",
    }


def _java_size(limit: str) -> str:
    """4GB as Java writes it: 4096m."""
    number, unit = float(limit[:-2]), limit[-2:]
    return f"{round(number * {'MB': 1, 'GB': 1024, 'TB': 1024**2}[unit])}m"


_LOG_FILE, _LOG_VARIABLE = "log4j2.properties", "LOG4J_CONFIGURATION_FILE"
_LOG_SETTINGS = """rootLogger.level = error
rootLogger.appenderRef.file.ref = file
appender.file.type = File
appender.file.name = file
appender.file.fileName = {log}
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %d %p %c{{1}}: %m%n%ex
"""


@contextlib.contextmanager
def _quiet(folder: Path) -> Iterator[None]:
    """Java's own words at its start, and its stderr from then on, go to spark.log; so do pyspark's."""
    log = folder / "spark.log"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _LOG_FILE).write_text(_LOG_SETTINGS.format(log=log), encoding="utf-8")
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
    before, configured = os.dup(2), os.environ.get(_LOG_VARIABLE)
    os.environ[_LOG_VARIABLE] = str(folder / _LOG_FILE)  # Java's options cannot hold a path with a blank or a quote
    try:
        with log.open("ab") as file:
            os.dup2(file.fileno(), 2)
        yield
    finally:
        os.dup2(before, 2)
        os.close(before)
        os.environ.pop(_LOG_VARIABLE)
        if configured is not None:
            os.environ[_LOG_VARIABLE] = configured
