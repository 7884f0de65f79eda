"""A PostgreSQL server over a real connection: DuckDB's extension, loaded from its wheel and never from the network.

All reads of a landing are one transaction of the server (repeatable read, read only), so what was counted, what was
compared and what landed are of one moment.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import duckdb

from patron.errors import SettingsError
from patron.ingest.postgres_refusals import told
from patron.ingest.source import TableSource

if TYPE_CHECKING:
    from patron.ingest.postgres_table import Table

_WHEEL = "duckdb-extension-postgres-scanner"
_DEFAULTS = {
    "application_name": "patron",
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
}
"""What a connection string need not say; so a server that went away is noticed in minutes, not hours."""
_SESSION = {
    **{"DateStyle": "ISO, YMD", "IntervalStyle": "postgres", "TimeZone": "UTC", "extra_float_digits": "1"},
    **{"lc_monetary": "C", "statement_timeout": "0"},
}
"""How values without a type in bronze are written as text: the same whatever the server's or the user's habits."""


@dataclass(frozen=True)
class Look:
    """A table at the moment of the read. latest: the cursor's highest value as text. not_finite: per column, how many
    values are infinity or NaN, for which bronze has no value.
    """

    rows: int
    latest: str | None
    not_finite: dict[str, int]


def check_ready(source: TableSource, where: str) -> None:
    """Raises SettingsError where the connection string or the extension is missing; asks no server."""
    connection_string(source, where)
    extension(where)


def connection_string(source: TableSource, where: str) -> str:
    """What the source's environment variable holds. Raises SettingsError where it is not set."""
    held = os.environ.get(source.connection, "").strip()
    if not held:
        what = (
            f"The environment variable {source.connection} is not set, and {source.name} is read over its connection."
        )
        do = f"export {source.connection}=postgresql://user:password@host:5432/database"
        raise SettingsError(what, where=where, do=do)
    return held


def extension(where: str) -> Path:
    """DuckDB's extension, as its wheel brings it. Raises SettingsError where it is not there for this DuckDB."""
    try:
        import duckdb_extension_postgres_scanner as wheel
    except ImportError:
        do = "pip install 'patron[postgres]'"
        raise SettingsError("The extra postgres is not installed.", where=where, do=do) from None
    held = Path(str(wheel.__file__)).parent / "extensions"
    path = held / f"v{duckdb.__version__}" / "postgres_scanner.duckdb_extension"
    if not path.is_file():
        others = ", ".join(sorted(folder.name.lstrip("v") for folder in held.glob("v*"))) or "no version"
        what = f"The extra postgres is for DuckDB {others}, and this is DuckDB {duckdb.__version__}."
        raise SettingsError(what, where=where, do=f"pip install {_WHEEL}=={duckdb.__version__}")
    return path


@contextmanager
def connected(source: TableSource, spill: Path) -> Iterator[Server]:
    """A connection for one landing. spill: a folder for what does not fit the source's memory limit.

    Raises SettingsError (not set up), SourceError (the server does not answer, or does not let the user in).
    """
    where = f"sources.{source.name}.postgres"
    written = connection_string(source, where)
    path = extension(where)
    config = {
        "memory_limit": source.memory_limit,
        "temp_directory": str(spill),
        "autoinstall_known_extensions": "false",
    }
    with duckdb.connect(":memory:", config=config) as engine:
        server = Server(engine, source, written)
        engine.load_extension(str(path))
        engine.execute("set enable_progress_bar = false")  # which would go to standard output
        with server.told():
            engine.execute(f"attach {literal(_with_defaults(written))} as server (type postgres, read_only)")
            engine.execute("begin")
            server.query(_select(_set(*setting) for setting in _SESSION.items()))
        try:
            yield server
        finally:
            with suppress(duckdb.Error):  # which a connection that was cut refuses
                engine.execute("rollback")


class Server:
    """A server on which a transaction is open, and the engine that reads and compares."""

    def __init__(self, engine: duckdb.DuckDBPyConnection, source: TableSource, written: str) -> None:
        self.engine, self.source = engine, source
        self._written = written

    def told(self) -> Any:
        """What server or engine say inside, in patron's words and without the connection string."""
        return told(self.source, self._written, _with_defaults(self._written))

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a select of the server's own SQL. Raises SourceError."""
        with self.told():
            return list(self.engine.execute(f"select * from {self.relation(sql)}").fetchall())

    @staticmethod
    def relation(sql: str) -> str:
        """A select of the server's own SQL as a table of DuckDB's."""
        return f"postgres_query('server', {literal(sql)})"

    def look(self, table: Table, since: str | None) -> Look:
        """Count what a read will bring. since: the cursor's value to start from."""
        cursor = table.column(self.source.cursor) if self.source.cursor else None
        latest = f"to_json(max({cursor.quoted}) filter (where {cursor.is_finite})) #>> '{{}}'" if cursor else "null"
        doubtful = [column for column in table.columns if column.may_be_not_finite]
        counts = [f"count(*) filter (where not ({column.is_finite}))" for column in doubtful]
        listed = _select(["count(*)", f"({latest})::text", *counts])
        (found,) = self.query(f"{listed} from {table.quoted}{self.where(table, since)}")
        odd = {column.name: count for column, count in zip(doubtful, found[2:], strict=True) if count}
        return Look(found[0], found[1], odd)

    def where(self, table: Table, since: str | None) -> str:
        """Which rows are at or after a value of the cursor; rows without one are always read."""
        if since is None or self.source.cursor is None:
            return ""
        cursor = table.column(self.source.cursor)
        return f" where {cursor.quoted} >= {literal(since)}::{cursor.kind} or {cursor.quoted} is null"


def literal(text: str) -> str:
    """A text in SQL; of PostgreSQL too, whose strings know no backslash since its version 9.1."""
    return "'" + text.replace("'", "''") + "'"


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _select(values: Iterable[str]) -> str:
    """The engine asks that columns have different names."""
    return "select " + ", ".join(f"{value} as c{number}" for number, value in enumerate(values))


def _set(name: str, value: str) -> str:
    return f"set_config({literal(name)}, {literal(value)}, true)"


def _with_defaults(written: str) -> str:
    missing = {name: value for name, value in _DEFAULTS.items() if name not in written}
    if "://" in written:
        listed = "&".join(f"{name}={quote(value)}" for name, value in missing.items())
        return f"{written}{'&' if '?' in written else '?'}{listed}" if listed else written
    return " ".join([written, *(f"{name}={value}" for name, value in missing.items())])
