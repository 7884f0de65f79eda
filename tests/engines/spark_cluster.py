"""A standalone Spark cluster on loopback, from pyspark's own distribution: a master, and workers that can be killed."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

STARTS_WITHIN = 90.0


@dataclass
class Cluster:
    """A master and its workers, each in a process group of its own, as on a machine of its own.

    folder: where they keep their logs and scratch. secret: what applications must know, if anything.
    """

    folder: Path
    secret: str = ""
    port: int = field(default_factory=lambda: find_free_port())  # noqa: PLW0108
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    _processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def master(self) -> str:
        return f"spark://127.0.0.1:{self.port}"

    def start(self, workers: int = 2, cores: int = 1, memory: str = "1g") -> None:
        own = ["--host", "127.0.0.1", "--port", str(self.port), "--webui-port", "0"]
        self._start("master", "org.apache.spark.deploy.master.Master", *own)
        wait_for_port(self.port)
        for number in range(workers):
            self.start_worker(number, cores, memory)

    def start_worker(self, number: int, cores: int = 1, memory: str = "1g") -> None:
        own = ["--host", "127.0.0.1", "--webui-port", "0", "--cores", str(cores), "--memory", memory]
        own += ["--work-dir", str(self.folder / f"work-{number}"), self.master]
        self.workers.append(self._start(f"worker-{number}", "org.apache.spark.deploy.worker.Worker", *own))

    def _start(self, name: str, *command: str) -> subprocess.Popen[bytes]:
        import pyspark

        home = Path(pyspark.__path__[0])
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                [str(home / "bin" / "spark-class"), *command],
                env=self._environment(home),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._processes.append(process)
        return process

    def _environment(self, home: Path) -> dict[str, str]:
        conf = self.folder / "conf"
        conf.mkdir(exist_ok=True)
        if self.secret:
            lines = f"spark.authenticate true\nspark.authenticate.secret {self.secret}\n"
            (conf / "spark-defaults.conf").write_text(lines, encoding="utf-8")
        return {
            **os.environ,
            "SPARK_HOME": str(home),
            "SPARK_CONF_DIR": str(conf),
            "SPARK_LOCAL_DIRS": str(self.folder / "spill"),
            "SPARK_DAEMON_MEMORY": "256m",
            "PYSPARK_PYTHON": sys.executable,
            "PYTHONPATH": os.pathsep.join(sys.path),
        }

    def kill(self, number: int) -> None:
        """Kill a worker and its executors at once, as when its machine loses power."""
        os.killpg(self.workers[number].pid, signal.SIGKILL)

    def stop(self) -> None:
        for process in self._processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        shutil.rmtree(self.folder / "spill", ignore_errors=True)


@contextlib.contextmanager
def running_cluster(
    folder: Path, *, workers: int = 2, cores: int = 1, memory: str = "1g", secret: str = ""
) -> Iterator[Cluster]:
    """A cluster that stops when the context ends."""
    cluster = Cluster(folder, secret)
    try:
        cluster.start(workers, cores, memory)
        yield cluster
    finally:
        cluster.stop()


def find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int) -> None:
    end = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise TimeoutError(f"nothing listens on port {port}")
