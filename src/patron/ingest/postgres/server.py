"""A PostgreSQL server over a real connection: DuckDB's extension, loaded from its wheel and never from the network.

All reads of a landing are one transaction of the server (repeatable read, read only), so what was counted, what was
compared and what landed are of one moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb

from patron.errors import SourceError
from patron.ingest.postgres.connection import add_defaults, find_extension, read_connection_string
from patron.ingest.postgres.errors import Act, translate_errors
from patron.ingest.quoting import quote_literal
from patron.ingest.source import TableSource

_SESSION = {
    **{"DateStyle": "ISO, YMD", "IntervalStyle": "postgres", "TimeZone": "UTC", "extra_float_digits": "1"},
    **{"lc_monetary": "C", "statement_timeout": "0"},
}
"""How values without a type in bronze are written as text: the same whatever the server's or the user's habits."""


def check_ready(source: TableSource, where: str) -> None:
    """Raises SettingsError where the connection string or the extension is missing; asks no server."""
    require_connection_string(source, where)
    find_extension(where)


def require_connection_string(source: TableSource, where: str) -> str:
    """What the source's environment variable holds. Raises SettingsError where it is not set."""
    return read_connection_string(source.connection, f"{source.name} is read over its connection", where)


@contextmanager
def connect_server(source: TableSource, spill: Path) -> Iterator[Server]:
    """A connection for one landing. spill: a folder for what does not fit the source's memory limit.

    Raises SettingsError (not set up), SourceError (the server does not answer, or does not let the user in).
    """
    where = f"sources.{source.name}.postgres"
    written = require_connection_string(source, where)
    path = find_extension(where)
    config = {
        "memory_limit": source.memory_limit,
        "temp_directory": str(spill),
        "autoinstall_known_extensions": "false",
    }
    with duckdb.connect(":memory:", config=config) as engine:
        server = Server(engine, source, written)
        engine.load_extension(str(path))
        engine.execute("set enable_progress_bar = false")  # which would go to standard output
        with server.translate_errors():
            engine.execute(f"attach {quote_literal(add_defaults(written))} as server (type postgres, read_only)")
            engine.execute("begin")
            server.query(select_values(_set(*setting) for setting in _SESSION.items()))
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

    def translate_errors(self) -> Any:
        """What server or engine say inside, in patron's words and without the connection string."""
        return translate_errors(_describe_reading(self.source), self._written, add_defaults(self._written))

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a select of the server's own SQL. Raises SourceError."""
        with self.translate_errors():
            return list(self.engine.execute(f"select * from {self.relation(sql)}").fetchall())

    @staticmethod
    def relation(sql: str) -> str:
        """A select of the server's own SQL as a table of DuckDB's."""
        return f"postgres_query('server', {quote_literal(sql)})"


def _describe_reading(source: TableSource) -> Act:
    permission = (
        f"have the owner run: grant select on {source.schema}.{source.table} to the user of {source.connection}"
    )
    return Act(
        SourceError,
        where=source.display_name,
        connection=source.connection,
        name="the read",
        while_at_it="while a table was compared",
        undone="nothing of it landed",
        when_cut="check that the server is running, then run again",
        when_refused="if the table was being changed, run again; otherwise check the server's log",
        when_not_permitted=permission,
    )


def select_values(values: Iterable[str]) -> str:
    """Select values under names of their own: the engine asks that columns have different ones."""
    return "select " + ", ".join(f"{value} as c{number}" for number, value in enumerate(values))


def _set(name: str, value: str) -> str:
    return f"set_config({quote_literal(name)}, {quote_literal(value)}, true)"
