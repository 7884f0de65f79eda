"""A Spark cluster: whether its master answers, its workers work and share our folder; nothing waits for ever."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from patron.errors import EngineError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

CONNECT_SECONDS = 10.0
WORKER_SECONDS = 60.0
"""How long a run waits for a first worker, or for another one when all are gone."""

_LOOK_EVERY = 2.0

PRESENTED = "PATRON_SPARK_SECRET"
"""The environment variable with the secret of a cluster that asks for one (spark.authenticate)."""

_SPARKS_OWN_VARIABLE = "_SPARK_AUTH_SECRET"
"""Where Spark looks for it first; on a command line everybody could read it."""


def find_own_address(master: str) -> str:
    """The address of this machine by which its way to the master begins. Raises EngineError if no master answers."""
    causes = []
    for host, port in _split(master):
        try:
            with socket.create_connection((host, port), CONNECT_SECONDS) as connection:
                return str(connection.getsockname()[0])
        except OSError as error:
            causes.append(f"{host}:{port}: {error.strerror or error}")
    do = "start it: $SPARK_HOME/sbin/start-master.sh on that machine; or correct warehouse.master in patron.yaml"
    raise EngineError(f"Spark's master does not answer ({'; '.join(causes)}).", where=master, do=do)


def _split(master: str) -> list[tuple[str, int]]:
    places = master.removeprefix("spark://").split(",")
    return [(host, int(port)) for host, port in (place.rsplit(":", 1) for place in places)]


@contextlib.contextmanager
def present_secret() -> Iterator[dict[str, str]]:
    """Give Java the secret through its environment; yield the settings that go with it."""
    secret = os.environ.get(PRESENTED)
    if secret is None:
        yield {}
        return
    os.environ[_SPARKS_OWN_VARIABLE] = secret
    try:
        yield {"spark.authenticate": "true"}
    finally:
        del os.environ[_SPARKS_OWN_VARIABLE]


def explain_no_session(master: str, cause: str) -> EngineError:
    """The error where a master answers, but takes no application: it asks for a secret, or is of another version."""
    do = f"look at the master's log; if it asks for a secret (spark.authenticate), run `export {PRESENTED}=...` first"
    if os.environ.get(PRESENTED):
        do = f"look at the master's log; {PRESENTED} must be its spark.authenticate.secret"
    return EngineError(f"Spark's master does not let us in: {cause}", where=master, do=do)


def count_workers(spark: SparkSession) -> int:
    """Count the executors that are there now, without the driver."""
    return int(spark.sparkContext._jsc.sc().getExecutorMemoryStatus().size()) - 1


def wait_for_worker(spark: SparkSession, master: str) -> None:
    """Wait until a first worker has given us an executor. Raises EngineError after WORKER_SECONDS."""
    end = time.monotonic() + WORKER_SECONDS
    while count_workers(spark) < 1:
        if time.monotonic() > end:
            raise _no_worker(master)
        time.sleep(0.1)


def _no_worker(master: str) -> EngineError:
    do = (
        f"start workers: $SPARK_HOME/sbin/start-worker.sh {master}; or ask for less memory and fewer cores "
        "(warehouse.executor_memory, executor_cores), if they are busy or too small"
    )
    return EngineError(f"No worker of the cluster has room for us within {WORKER_SECONDS:.0f} s.", where=master, do=do)


def check_shared(spark: SparkSession, folder: Path) -> None:
    """Check that workers write where this machine reads. Raises EngineError."""
    probe = folder / f"probe-{uuid.uuid4().hex}"
    try:
        spark.range(1).coalesce(1).write.parquet(probe.as_uri())
        is_shared = any(probe.glob("part-*.parquet"))
    finally:
        shutil.rmtree(probe, ignore_errors=True)
    if not is_shared:
        do = "mount the project's folder on every worker under the same path (NFS, for instance), for the same user"
        raise EngineError("The workers do not write into the project's folder.", where=str(folder), do=do)


class Watch:
    """Cancels what runs when all workers have been gone for WORKER_SECONDS, for Spark would wait for ever."""

    def __init__(self, spark: SparkSession, master: str) -> None:
        self._spark, self._master = spark, master
        self.error: EngineError | None = None
        """Why it cancelled, once it did."""
        threading.Thread(target=self._look, daemon=True, name="patron-spark-workers").start()

    def _look(self) -> None:
        last_seen = time.monotonic()
        while True:
            time.sleep(_LOOK_EVERY)
            try:
                if self._spark.sparkContext._jsc.sc().isStopped():
                    return
                if count_workers(self._spark) > 0:
                    last_seen = time.monotonic()
                elif time.monotonic() - last_seen > WORKER_SECONDS:
                    self.error = _no_worker(self._master)
                    self._spark.sparkContext.cancelAllJobs()
            except Exception:  # the session ends, and so does its watch
                return
