"""An ordinary client of a PostgreSQL server: psql, over the network, as a user of its own."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from postgres_server import Database


@dataclass(frozen=True)
class Reader:
    """Who may only read."""

    psql: Path
    url: str

    def rows(self, sql: str) -> list[list[str]]:
        """The rows of one or more selects, as text."""
        done = self.run(sql)
        assert done.returncode == 0, done.stderr
        return [line.split("|") for line in done.stdout.splitlines()]

    def run(self, sql: str) -> subprocess.CompletedProcess[str]:
        command = [str(self.psql), "-X", "-At", "-v", "ON_ERROR_STOP=1", self.url, "-f", "-"]
        quiet = {**os.environ, "PGOPTIONS": "-c client_min_messages=error"}
        return subprocess.run(command, input=sql, capture_output=True, text=True, check=False, env=quiet)


def reader_of(database: Database, name: str = "analyst") -> Reader:
    """A user who may see what the owner makes, also later."""
    database.run(
        f"do $$ begin create role {name} login password 'reads'; exception when duplicate_object then null; end $$;"
        f"alter default privileges for role owner grant usage on schemas to {name};"
        f"alter default privileges for role owner grant select on tables to {name};"
    )
    return Reader(database.server.binaries / "psql", database.url_of(name, "reads"))
