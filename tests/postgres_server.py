"""A PostgreSQL server of the tests' own: in a temporary folder, on a free port, gone with the tests."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PASSWORD = "s3kret/with@signs"
PASSWORD_IN_URL = "s3kret%2Fwith%40signs"


@dataclass(frozen=True)
class Database:
    """A database of its own for each test; its owner is `owner`, who may not be root of the server."""

    server: PostgresServer
    name: str

    @property
    def url(self) -> str:
        return self.url_of("owner", PASSWORD_IN_URL)

    def url_of(self, user: str, password: str) -> str:
        return f"postgresql://{user}:{password}@127.0.0.1:{self.server.port}/{self.name}"

    def run(self, sql: str) -> str:
        """Statements by psql, as the server's own administrator; gives what psql prints."""
        return self.server.psql(self.name, sql)


class PostgresServer:
    """A running server. `stop` and `start` may be called in any order."""

    def __init__(self, binaries: Path) -> None:
        self.binaries = binaries
        self.folder = Path(tempfile.mkdtemp(prefix="patron-pg-"))
        self.port = _free_port()
        self._names = (f"shop_{number}" for number in itertools.count(1))
        (self.folder / "password").write_text("administrator", encoding="utf-8")
        if os.geteuid() == 0:  # the server refuses to run as root
            shutil.chown(self.folder, "postgres")
            shutil.chown(self.folder / "password", "postgres")
        options = ["--auth-host=scram-sha-256", "--auth-local=trust", f"--pwfile={self.folder / 'password'}"]
        more = ["-U", "administrator", "-E", "UTF8", "--locale=C", "--no-sync", *options]
        self._as_server("initdb", "-D", str(self.folder / "data"), *more)
        self.start()
        self.psql("postgres", f"create role owner login password '{PASSWORD}'")

    def start(self) -> None:
        settings = "fsync=off max_connections=20 shared_buffers=64MB logging_collector=off".split()
        options = " ".join(["-p", str(self.port), "-k", str(self.folder), *(f"-c {each}" for each in settings)])
        log = str(self.folder / "log")
        self._as_server("pg_ctl", "start", "-w", "-D", str(self.folder / "data"), "-l", log, "-o", options)

    def stop(self, how: int = signal.SIGINT) -> None:
        """By the server's own process id; SIGINT closes connections first, SIGQUIT just ends."""
        pid_file = self.folder / "data" / "postmaster.pid"
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            os.kill(int(pid_file.read_text().split()[0]), how)
        _wait_until(lambda: not pid_file.exists())

    def psql(self, database: str, sql: str) -> str:
        command = [str(self.binaries / "psql"), "-X", "-At", "-v", "ON_ERROR_STOP=1", "-h", str(self.folder)]
        command += ["-p", str(self.port), "-U", "administrator", "-d", database, "-f", "-"]
        end = time.monotonic() + 60
        while True:
            done = subprocess.run(command, input=sql, capture_output=True, text=True, check=False)
            # A server whose connection was killed recovers for a moment before it takes new ones.
            if not re.search(r"FATAL:\s+the database system is", done.stderr) or time.monotonic() > end:
                break
            time.sleep(0.1)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def new_database(self) -> Database:
        database = Database(self, next(self._names))
        self.psql("postgres", f"create database {database.name} owner owner")
        database.run("grant all on schema public to owner")
        return database

    def close(self) -> None:
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _as_server(self, program: str, *words: str) -> None:
        command = [str(self.binaries / program), *words]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.STDOUT}
        subprocess.run(command, cwd=self.folder, check=True, timeout=120, **quiet)


def started() -> Iterator[PostgresServer]:
    """A server for a session of tests, which are skipped, saying so, where PostgreSQL is not installed."""
    binaries = _binaries()
    if binaries is None:
        pytest.skip("no PostgreSQL server is installed (Debian: apt-get install postgresql)")
    server = PostgresServer(binaries)
    try:
        yield server
    finally:
        server.close()


def _binaries() -> Path | None:
    """The folder of the newest server that is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    on_path = shutil.which("initdb")
    folders = [path.parent for path in found] + ([Path(on_path).resolve().parent] if on_path else [])
    return next((folder for folder in reversed(folders) if (folder / "psql").exists()), None)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until(is_so, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "the server did not stop"
        time.sleep(0.05)
