"""One transaction that writes to a PostgreSQL server: all of it becomes visible at its end, or nothing does.

Statements are in PostgreSQL's SQL; rows come from DuckDB by COPY. A process that is killed leaves nothing behind: the
server rolls back what it did not commit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import duckdb

from patron.errors import PatronError, SettingsError
from patron.ingest.postgres.connection import add_defaults, find_extension, read_connection_string
from patron.ingest.postgres.errors import Act, translate_errors
from patron.ingest.quoting import quote_identifier, quote_literal

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SCHEMES = ("postgres://", "postgresql://")
_FOR_THE_TRANSACTION = (
    "set transaction isolation level read committed",  # what came before is seen once the lock is held
    "set local statement_timeout = 0",
    "set local idle_in_transaction_session_timeout = 0",
)


class DestinationError(PatronError):
    """A PostgreSQL server cannot be written; its readers still see what was there."""

    exit_code = 3
    kind = "destination"


@dataclass(frozen=True)
class Destination:
    """A PostgreSQL server to write to.

    written: the connection string, never shown. named: what the user fixes if it is wrong, an option or a variable.
    """

    written: str
    named: str

    def __repr__(self) -> str:
        return f"Destination({self.named})"


def is_address(to: str) -> bool:
    """Return whether a text is the address of a server, rather than a file or a variable."""
    return to.startswith(_SCHEMES)


def parse_destination(to: str, where: str) -> Destination:
    """Parse postgres://..., or the name of an environment variable that holds a connection string or URL.

    Raises SettingsError if it is neither, or if the variable is not set; never repeats a secret.
    """
    if is_address(to):
        return Destination(to, "--to")
    if not _VARIABLE.fullmatch(to):
        do = "write postgres://user@host:5432/database, or the name of an environment variable that holds it"
        raise SettingsError("`--to` is not a PostgreSQL server.", where=where, do=do)
    return Destination(read_connection_string(to, "it was to say where to write", where), to)


@contextmanager
def open_transaction(to: Destination, what: str, where: str) -> Iterator[Writer]:
    """Open a transaction that is committed when the block succeeds, and rolled back when it raises.

    what: what is written, for error messages. Raises DestinationError, or SettingsError without the extra postgres.
    """
    path = find_extension(where)
    with duckdb.connect(":memory:", config={"autoinstall_known_extensions": "false"}) as engine:
        writer = Writer(engine, to, what)
        engine.load_extension(str(path))
        engine.execute("set enable_progress_bar = false")  # which goes to standard output
        engine.execute("set pg_null_byte_replacement = ''")  # PostgreSQL text cannot hold one
        with writer.explain_errors():
            engine.execute(f"attach {quote_literal(add_defaults(to.written))} as server (type postgres)")
        engine.execute("begin")
        try:
            for setting in _FOR_THE_TRANSACTION:
                writer.execute(setting)
            yield writer
            with writer.explain_errors():
                engine.execute("commit")
        except BaseException:
            with suppress(duckdb.Error):  # a lost connection refuses it
                engine.execute("rollback")
            raise
        for sql in writer.afterwards:
            with suppress(duckdb.Error):  # what was written does not depend on it
                engine.execute(f"call postgres_execute('server', {quote_literal(sql)}, use_transaction := false)")


class Writer:
    """An open transaction on a server, and the DuckDB connection whose rows go there.

    afterwards: statements to run once it is committed, such as vacuum; whether they succeed changes nothing.
    """

    def __init__(self, engine: duckdb.DuckDBPyConnection, to: Destination, what: str) -> None:
        self.engine, self._to, self._what = engine, to, what
        self.afterwards: list[str] = []
        self._is_outdated = False

    def explain_errors(self) -> Any:
        """Translate errors of the server or of DuckDB inside the block, without the connection string."""
        return translate_errors(_describe_act(self._what, self._to), self._to.written, add_defaults(self._to.written))

    def execute(self, sql: str, *, is_about_rows: bool = False) -> None:
        """Execute statements in PostgreSQL's SQL. is_about_rows: they change no column. Raises DestinationError."""
        self._is_outdated = self._is_outdated or not is_about_rows
        with self.explain_errors():
            self.engine.execute(f"call postgres_execute('server', {quote_literal(sql)})")

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Run a select in PostgreSQL's SQL, whose columns have different names. Raises DestinationError."""
        with self.explain_errors():
            return list(self.engine.execute(f"select * from postgres_query('server', {quote_literal(sql)})").fetchall())

    def insert(self, schema: str, table: str, columns: list[str], select: str) -> None:
        """Append the rows of a DuckDB select to a table of the server. Raises DestinationError."""
        listed = ", ".join(quote_identifier(column) for column in columns)
        with self.explain_errors():
            if self._is_outdated:  # DuckDB caches the columns of tables; reading them again takes a while
                self.engine.execute("call pg_clear_cache()")
                self._is_outdated = False
            self.engine.execute(
                f"insert into server.{quote_identifier(schema)}.{quote_identifier(table)} ({listed}) {select}"
            )

    def lock(self, name: str) -> bool:
        """Take the lock of that name until the transaction ends; False if another transaction holds it."""
        call = f"pg_try_advisory_xact_lock(hashtext('patron'), hashtext({quote_literal(name)}))"
        return bool(self.query(f"select {call} as locked")[0][0])

    def has_schema(self, schema: str) -> bool:
        """Return whether the schema exists."""
        return bool(self.query(f"select 1 as one from pg_catalog.pg_namespace where nspname = {quote_literal(schema)}"))


def _describe_act(what: str, to: Destination) -> Act:
    database = "grant create on database DATABASE to USER"
    return Act(
        DestinationError,
        where=what,
        connection=to.named,
        name="the write",
        while_at_it="while tables were being written",
        undone="nothing was kept, and readers still see what was there",
        when_cut="check that the server is up, then try again",
        when_refused="fix what the server's log says, then try again",
        when_not_permitted=f"let the user own the schema, or have the owner of the database run: {database}",
    )
