"""One transaction that writes to a PostgreSQL server: all of it becomes visible at its end, or nothing ever does.

Statements run in the server's own SQL; rows come from DuckDB by COPY. A process that is killed leaves nothing behind:
the server takes back what it did not commit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import duckdb

from patron.errors import PatronError, SettingsError
from patron.ingest.postgres.connection import extension, held_in, literal, quoted, with_defaults
from patron.ingest.postgres.errors import Act, told

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SCHEMES = ("postgres://", "postgresql://")
_FOR_THE_TRANSACTION = (
    "set transaction isolation level read committed",  # what came before is seen once the lock is held
    "set local statement_timeout = 0",
    "set local idle_in_transaction_session_timeout = 0",
)


class DestinationError(PatronError):
    """A PostgreSQL server cannot be written; readers of it still have what was there."""

    exit_code = 3
    kind = "destination"


@dataclass(frozen=True)
class Destination:
    """Where to write. written: the connection string, never shown. named: what the user mends when it is wrong."""

    written: str
    named: str

    def __repr__(self) -> str:
        return f"Destination({self.named})"


def is_address(to: str) -> bool:
    """Whether it is a server's address, and no file or name."""
    return to.startswith(_SCHEMES)


def destination(to: str, where: str) -> Destination:
    """to: postgres://..., or the name of an environment variable that holds a connection string or URL.

    Raises SettingsError where it is neither, or where the variable is not set; repeats no secret.
    """
    if is_address(to):
        return Destination(to, "--to")
    if not _VARIABLE.fullmatch(to):
        do = "write postgres://user@host:5432/database, or the name of an environment variable that holds it"
        raise SettingsError("`--to` names no PostgreSQL server.", where=where, do=do)
    return Destination(held_in(to, "it was to say where to write", where), to)


@contextmanager
def writing(to: Destination, what: str, where: str) -> Iterator[Writer]:
    """A transaction that is committed where the block ends well, and taken back where it does not.

    what: what is written, as a refusal says it. Raises DestinationError, or SettingsError without the extra postgres.
    """
    path = extension(where)
    with duckdb.connect(":memory:", config={"autoinstall_known_extensions": "false"}) as engine:
        writer = Writer(engine, to, what)
        engine.load_extension(str(path))
        engine.execute("set enable_progress_bar = false")  # which would go to standard output
        engine.execute("set pg_null_byte_replacement = ''")  # PostgreSQL has no text with one
        with writer.told():
            engine.execute(f"attach {literal(with_defaults(to.written))} as server (type postgres)")
        engine.execute("begin")
        try:
            for setting in _FOR_THE_TRANSACTION:
                writer.execute(setting)
            yield writer
            with writer.told():
                engine.execute("commit")
        except BaseException:
            with suppress(duckdb.Error):  # which a connection that was cut refuses
                engine.execute("rollback")
            raise
        for sql in writer.afterwards:
            with suppress(duckdb.Error):  # what was written stands without it
                engine.execute(f"call postgres_execute('server', {literal(sql)}, use_transaction := false)")


class Writer:
    """An open transaction of a server, and the engine whose rows go there.

    afterwards: statements to run once it is committed, such as vacuum; whether they succeed changes nothing.
    """

    def __init__(self, engine: duckdb.DuckDBPyConnection, to: Destination, what: str) -> None:
        self.engine, self._to, self._what = engine, to, what
        self.afterwards: list[str] = []
        self._is_outdated = False

    def told(self) -> Any:
        """What server or engine say inside, in patron's words and without the connection string."""
        return told(_writing(self._what, self._to), self._to.written, with_defaults(self._to.written))

    def execute(self, sql: str, *, is_about_rows: bool = False) -> None:
        """Statements of the server's own SQL. is_about_rows: they change no column. Raises DestinationError."""
        self._is_outdated = self._is_outdated or not is_about_rows
        with self.told():
            self.engine.execute(f"call postgres_execute('server', {literal(sql)})")

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a select of the server's own SQL, whose columns have different names. Raises DestinationError."""
        with self.told():
            return list(self.engine.execute(f"select * from postgres_query('server', {literal(sql)})").fetchall())

    def insert(self, schema: str, table: str, columns: list[str], select: str) -> None:
        """Append the rows of a select of DuckDB's to a table of the server. Raises DestinationError."""
        listed = ", ".join(quoted(column) for column in columns)
        with self.told():
            if self._is_outdated:  # else the engine goes by what tables were before; looking again takes a while
                self.engine.execute("call pg_clear_cache()")
                self._is_outdated = False
            self.engine.execute(f"insert into server.{quoted(schema)}.{quoted(table)} ({listed}) {select}")

    def lock(self, name: str) -> bool:
        """Whether this transaction now has the lock of that name, until its end; no other can have it meanwhile."""
        asked = f"pg_try_advisory_xact_lock(hashtext('patron'), hashtext({literal(name)}))"
        return bool(self.query(f"select {asked} as locked")[0][0])

    def has_schema(self, schema: str) -> bool:
        return bool(self.query(f"select 1 as one from pg_catalog.pg_namespace where nspname = {literal(schema)}"))


def _writing(what: str, to: Destination) -> Act:
    database = "grant create on database DATABASE to USER"
    return Act(
        DestinationError,
        where=what,
        connection=to.named,
        name="the write",
        while_at_it="while tables were written",
        undone="nothing of it was kept, and readers have what was there",
        when_cut="see that the server is up, then do it again",
        when_refused="look at the server's log, mend what it says, then do it again",
        when_not_permitted=f"let the user own the schema, or have the owner of the database run: {database}",
    )
