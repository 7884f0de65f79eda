"""The one Spark session of this process: with Delta, and writing nowhere but below .patron/spark."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from patron.engines.spark import cluster, databricks
from patron.engines.spark.configuration import configure
from patron.engines.spark.jars import find_delta_jars
from patron.errors import EngineError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from patron.project.settings import Warehouse as WarehouseSettings

_sessions: dict[Path, SparkSession] = {}
"""The session by the folder that it serves: one at most."""

_foreign: set[Path] = set()
"""The folders that sessions of others serve, which we never end."""

_watches: dict[Path, cluster.Watch] = {}


def running(folder: Path) -> SparkSession | None:
    """The session that serves FOLDER, if it is up."""
    session = _sessions.get(folder)
    return session if session is not None and (folder in _foreign or not _is_stopped(session)) else None


def find_lost_workers(folder: Path) -> EngineError | None:
    """The error of a session that has no worker left; None while it has."""
    watch = _watches.get(folder)
    return watch.error if watch else None


def start(folder: Path, settings: WarehouseSettings) -> SparkSession:
    """A session whose tables lie in FOLDER; it takes some seconds. A process has one, so another's is stopped first.

    Raises EngineError where pyspark, Java or Delta's jars are missing, a foreign session is in the way, or a cluster
    does not answer.
    """
    stop()
    if settings.master == "databricks":
        _sessions[folder] = databricks.connect(str(settings.catalog))
        _foreign.add(folder)
        return _sessions[folder]
    jars = find_delta_jars()
    _check_java()
    _check_alone()
    folder.mkdir(parents=True, exist_ok=True)
    master = str(settings.master) if settings.is_cluster else ""
    address = cluster.find_own_address(master) if master else "127.0.0.1"
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # Spark would take the first python3 on the path
    _sessions[folder] = _build(folder, configure(folder, settings, jars, address), master)
    if master:
        _join_cluster(folder, master)
    return _sessions[folder]


def _check_alone() -> None:
    from pyspark.sql import SparkSession

    if SparkSession.getActiveSession() is not None:
        do = "end it (spark.stop()), or run patron in a process of its own"
        raise EngineError("Another Spark session runs in this process.", where="pyspark", do=do)


def _build(folder: Path, configuration: dict[str, str], master: str) -> SparkSession:
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    builder = SparkSession.builder
    try:
        with _quiet(folder), cluster.present_secret() as secret:
            for name, value in {**configuration, **secret}.items():
                builder = builder.config(name, value)
            session: SparkSession = builder.getOrCreate()
            session.sparkContext.setLogLevel("ERROR")
    except (PySparkException, Py4JError) as error:
        cause = str(error).strip().splitlines()[0]
        if master:
            raise cluster.explain_no_session(master, cause) from error
        do = f"its own message is in {folder / 'spark.log'}"
        raise EngineError(f"Spark did not start: {cause}", where=str(folder), do=do) from error
    return session


def _join_cluster(folder: Path, master: str) -> None:
    session = _sessions[folder]
    if _is_stopped(session):
        del _sessions[folder]
        raise cluster.explain_no_session(master, "it ended our application")
    try:
        cluster.wait_for_worker(session, master)
        cluster.check_shared(session, folder)
    except BaseException:
        stop()
        raise
    _watches[folder] = cluster.Watch(session, master)


def _is_stopped(session: SparkSession) -> bool:
    return bool(session.sparkContext._jsc.sc().isStopped())


def stop() -> None:
    """End the session, if there is one. The Java machine stays until the process ends."""
    for folder in list(_sessions):
        session = running(folder)
        if session is not None and folder not in _foreign:
            # Delta remembers tables by path beyond the session, also those whose files are about to go
            session._jvm.org.apache.spark.sql.delta.DeltaLog.clearCache()
            session.stop()
        del _sessions[folder]
        _foreign.discard(folder)
        _watches.pop(folder, None)


def _check_java() -> None:
    home = os.environ.get("JAVA_HOME")
    if not (home and (Path(home) / "bin" / "java").exists()) and shutil.which("java") is None:
        do = "install Java 17 or 21 (such as openjdk-17-jre-headless), or set JAVA_HOME"
        raise EngineError("Spark needs Java, and there is none.", where="warehouse.engine: spark", do=do)


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
