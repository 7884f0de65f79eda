"""DuckDB: one file, .patron/warehouse.duckdb, and tables that are replaced in whole as Parquet files beside it."""

from __future__ import annotations

import contextlib
import functools
import os
import re
import shutil
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import duckdb

from patron.engines.engine import SCHEMAS, Warehouse
from patron.engines.table_files import PARQUET, TableFiles
from patron.errors import EngineError, OutOfMemoryError
from patron.files import translate_disk_errors
from patron.lake import DELETED
from patron.lake.arrow_types import sql_type

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.lake import BronzeTable, Lake
    from patron.lake.label_history import History
    from patron.project.project import Project


_IN_USE = re.compile(r"\block\b|used by another process", re.IGNORECASE)  # not `block`, as in a corrupt block
_DAMAGED = re.compile(
    r"corrupt|checksum|could not read enough bytes|not a valid DuckDB|database has been invalidated|"
    r"failed to load metadata|deserializ|"
    r"(No files found that match the pattern|No magic bytes found at end of file) ['\"].*\.tables/",
    re.IGNORECASE,
)
_OF_OTHER_KIND = re.compile(r"Existing object .* is of type")
_REBUILD = "run `patron run --full-refresh`: it is rebuilt from the lake"


_FORMAT = {"storage_compatibility_version": "latest"}
"""The newest file format: text is written a third faster and smaller. Nothing older than patron's DuckDB reads it, but
the file is patron's own; what others read is published as Parquet.
"""


_IN_ANY_ORDER = {"preserve_insertion_order": False}
"""No table depends on the order of its rows, and threads that do not wait for each other write a fifth faster."""


_ROWS_OF_A_GROUP = 122_880
"""Threads share the rows of a table by groups of so many. A lake of fewer has nothing to share, and its build takes a
sixth more processor time with idle threads than without. Two models are still built side by side.
"""


_ROWS_WORTH_FILES = 1_000
"""Tables of a lake of fewer rows are all kept by DuckDB. Writing a small table is mostly planning, which a file needs
twice (for its types, and for its view) and a table of DuckDB once: a shop of forty lines takes a fifth less time.
"""


class DuckDBWarehouse(Warehouse):
    """Connections are short, so that others can open the file. While it is held open, each thread has its own."""

    dialect: ClassVar[str] = "duckdb"
    reads_parquet: ClassVar[bool] = True
    models_at_once: ClassVar[int] = 2
    """A query is planned, and its table is finished, on one core."""

    def __init__(self, project: Project) -> None:
        self.path = project.warehouse
        self.settings = project.settings.warehouse
        self._files = TableFiles(self.path.with_suffix(".tables").absolute())
        self._writes_files = True
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._thread_connections: dict[int, duckdb.DuckDBPyConnection] = {}

    @contextlib.contextmanager
    def hold_open(self) -> Iterator[None]:
        if self._connection is not None:
            yield
            return
        self._connection = self._open()
        try:
            yield
        finally:
            for connection in (*self._thread_connections.values(), self._connection):
                connection.close()
            self._thread_connections.clear()
            self._connection = None

    @contextlib.contextmanager
    def _connect(self, doing: str) -> Iterator[duckdb.DuckDBPyConnection]:
        is_held = self._connection is not None
        connection = self._get_thread_connection() if is_held else self._open()
        try:
            yield connection
        except duckdb.Error as error:
            raise engine_error(doing, error, self.path) from error
        finally:
            if not is_held:
                connection.close()

    def _get_thread_connection(self) -> duckdb.DuckDBPyConnection:
        """The connection of this thread. Temporary tables and registered rows belong to one connection only."""
        assert self._connection is not None
        thread = threading.get_ident()
        if thread not in self._thread_connections:
            self._thread_connections[thread] = self._connection.cursor()
        return self._thread_connections[thread]

    def interrupt(self, threads: Collection[int]) -> None:
        for thread in threads:
            if thread in self._thread_connections:
                with contextlib.suppress(duckdb.ConnectionException):  # closed since: nothing of it runs any more
                    self._thread_connections[thread].interrupt()

    def _open(self) -> duckdb.DuckDBPyConnection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            connection = duckdb.connect(
                str(self.path), config={"memory_limit": _default_memory_limit(), **_FORMAT, **self._config()}
            )
            self._files.follow_folder(connection)
        except duckdb.Error as error:
            raise self._explain_unreadable(error) from error
        return connection

    def _explain_unreadable(self, error: duckdb.Error) -> EngineError:
        if _IN_USE.search(str(error)):
            return EngineError(
                "The warehouse is open in another program.",
                where=str(self.path),
                do="close it (a database viewer, a notebook), or read the published tables with `patron query`",
            )
        return EngineError(f"The warehouse cannot be opened: {_first_line(error)}", where=str(self.path), do=_REBUILD)

    def _config(self) -> dict[str, Any]:
        config: dict[str, Any] = {"temp_directory": str(self.path.parent / "spill"), **_IN_ANY_ORDER}
        if self.settings.memory_limit:
            config["memory_limit"] = self.settings.memory_limit
        if self.settings.threads:
            config["threads"] = self.settings.threads
        return config

    def query(self, sql: str) -> pa.Table:
        with self._connect(sql) as connection:
            return connection.execute(sql).to_arrow_table()  # `sql` would bind the statement twice

    def batches(self, sql: str, rows: int) -> Iterator[pa.Table]:
        """Yield rows as the engine returns them: never all in memory, and other threads may write meanwhile."""
        import pyarrow as pa

        with self._connect(sql) as connection:
            for batch in connection.cursor().sql(sql).to_arrow_reader(rows):
                yield pa.Table.from_batches([batch])

    def write(self, schema: str, table: str, rows: pa.Table) -> None:
        with self._connect(f"writing {schema}.{table}") as connection:
            connection.execute(f"create schema if not exists {schema}")
            connection.register("rows_to_write", rows)
            connection.execute(f"create or replace table {schema}.{table} as select * from rows_to_write")

    def append(self, schema: str, table: str, rows: pa.Table) -> None:
        with self._connect(f"adding to {schema}.{table}") as connection:
            connection.register("rows_to_add", rows)
            connection.execute(f"insert into {schema}.{table} by name select * from rows_to_add")

    def make_table(self, schema: str, table: str, sql: str, *, is_replaced_whole: bool = False) -> bool:
        with self._connect(f"making {schema}.{table}") as connection, translate_disk_errors(self.path):
            is_file = is_replaced_whole and self._writes_files
            written = self._files.write(connection, schema, table, sql) if is_file else None
            if written is None:
                is_empty = _fill(connection, f"{schema}.{table}", sql) == 0
                self._files.delete(schema, table)
                return is_empty
            _replace(connection, "view", f"{schema}.{table}", self._files.select(written.path))
            self._files.delete(schema, table, but=written.path)
            return written.rows == 0

    def make_view(self, schema: str, table: str, sql: str) -> None:
        with self._connect(f"making {schema}.{table}") as connection:
            _replace(connection, "view", f"{schema}.{table}", sql)
            self._files.delete(schema, table)

    def replace_groups(
        self, table: str, sql: str, columns: Sequence[str], groups: str, *, removed: str | None = None
    ) -> None:
        """In one transaction: a temporary table and two plain statements are faster than a merge.

        A table that is a file is written again.
        """
        same = " and ".join(f"old_rows.{column} = redone.{column}" for column in columns)
        with self._connect(f"taking new rows into {table}") as connection:
            files = {f"{schema}.{name}" for schema, name, _ in self._files.find_current(connection)}
        if table in files:
            assert removed is None, "only a table of DuckDB keeps what is removed"
            kept = f"select * from {table} as old_rows where not exists (select 1 from {groups} as redone where {same})"
            schema, name = table.split(".")
            self.make_table(schema, name, f"{kept} union all by name (\n{sql}\n)", is_replaced_whole=True)
            return
        with self._connect(f"taking new rows into {table}") as connection, _transaction(connection):
            if removed:
                connection.execute(
                    f"insert into {removed} select old_rows.* from {table} as old_rows "
                    f"inner join {groups} as redone on {same}"
                )
            connection.execute(f"create or replace temp table computed_rows as ({sql}\n)")
            connection.execute(f"delete from {table} as old_rows using {groups} as redone where {same}")
            connection.execute(f"insert into {table} by name select * from computed_rows")
            connection.execute("drop table computed_rows")

    def empty(self, table: str) -> None:
        with self._connect(f"emptying {table}") as connection:
            connection.execute(f"delete from {table}")

    @contextlib.contextmanager
    def create_temporary(self, name: str, sql: str) -> Iterator[str]:
        with self.hold_open():
            with self._connect(sql) as connection:
                connection.execute(f"create or replace temp table {name} as ({sql})")
            yield name
            with self._connect(name) as connection:
                connection.execute(f"drop table {name}")

    def exists(self, schema: str, table: str) -> bool:
        if not self.path.exists():
            return False
        with self._connect(f"looking for {schema}.{table}") as connection:
            # Written out, for DuckDB imports pandas (0.3 s) to look at parameters.
            sql = f"select 1 from information_schema.tables where table_schema = '{schema}' and table_name = '{table}'"
            return connection.execute(sql).fetchone() is not None

    def expose_bronze(self, lake: Lake, sources: Iterable[str]) -> None:
        """Views over the lake's active data files: DuckDB's own Parquet reader, no extension."""
        with self._connect("exposing bronze") as connection:
            for schema in SCHEMAS:
                connection.execute(f"create schema if not exists {schema}")
            for source in sources:
                select = select_bronze(connection, lake.table(source))
                connection.execute(f"create or replace view bronze.{source} as {select}")
            rows = sum(lake.table(source).row_count() for source in sources)
            self._writes_files = rows >= _ROWS_WORTH_FILES
            if not self.settings.threads and rows < _ROWS_OF_A_GROUP:
                connection.execute("set threads = 1")

    def expose_history(self, history: History) -> None:
        from patron.lake.label_history import schema

        files = ", ".join("'" + str(path).replace("'", "''") + "'" for path in history.files())
        columns = ", ".join(f"null::{'date' if f.name == 'as_of_date' else 'varchar'} as {f.name}" for f in schema())
        select = f"select * from read_parquet([{files}])" if files else f"select {columns} where false"
        with self._connect("exposing history") as connection:
            connection.execute("create schema if not exists history")
            connection.execute(f"create or replace view history.label_changes as {select}")

    def export(self, schema: str, tables: Iterable[str], folder: Path) -> Mapping[str, int]:
        """A table that is a file already is linked, on a file system with hard links."""
        counts = {}
        with self._connect(f"publishing {schema}") as connection:
            files = {table: file for of, table, file in self._files.find_current(connection) if of == schema}
            for table in tables:
                target = folder / f"{table}.parquet"
                sql = f"copy {schema}.{table} to {_quote_path(target)} ({PARQUET})"
                if table in files and _link(files[table], target):
                    sql = f"select count(*) from {schema}.{table}"
                counts[table] = int(connection.execute(sql).fetchall()[0][0])
        return counts

    def find_damaged_tables(self) -> list[str]:
        with self._connect("looking for damaged tables") as connection:
            return self._files.find_damaged(connection)

    def contents(self, schema: str, tables: Sequence[str]) -> dict[str, str]:
        """In one query: of a small table, most of the time goes into planning."""
        if not tables:
            return {}
        columns = self._list_columns(schema)
        found = self.query(" union all ".join(_hash_rows(schema, table) for table in tables)).to_pylist()
        return {row["t"]: f"{row['n']:,} rows, {row['h']}, {columns[row['t']]}" for row in found}

    def _list_columns(self, schema: str) -> dict[str, list[str]]:
        sql = (
            "select table_name, list(column_name || ' ' || data_type order by column_index) as listed "
            f"from duckdb_columns() where schema_name = '{schema}' group by table_name"
        )
        return {row["table_name"]: row["listed"] for row in self.query(sql).to_pylist()}

    def drop_built(self) -> None:
        """Delete the file, which also repairs a corrupted one; the lake holds all that is needed."""
        for path in (self.path, self.path.with_name(self.path.name + ".wal")):
            path.unlink(missing_ok=True)
        shutil.rmtree(self._files.folder, ignore_errors=True)

    def explain(self, error: EngineError) -> EngineError:
        return _explain_damage(error.what, self.path) if _DAMAGED.search(error.what) else error

    def dbt_profile(self) -> dict[str, Any]:
        return {
            "type": "duckdb",
            # relative to .patron/dbt, so that the project also runs with dbt alone and can be moved
            "path": "{{ env_var('PATRON_WAREHOUSE', '../warehouse.duckdb') }}",
            "schema": "silver",
            "threads": 1,  # DuckDB itself uses every core for each model
            # not as settings, which dbt gives again for each model: a folder that was spilled to stays the folder
            "config_options": {
                **_FORMAT,
                **self._config(),
                "temp_directory": "{{ env_var('PATRON_SPILL', '../spill') }}",
            },
        }


def _hash_rows(schema: str, table: str) -> str:
    return (
        f"select '{table}' as t, count(*) as n, coalesce(sum(hash(every_row)::hugeint), 0)::text as h "
        f"from {schema}.{table} as every_row"
    )


@functools.cache
def _default_memory_limit() -> str:
    """Three quarters of what DuckDB would take (80% of the machine or container): predictions need memory, too."""
    with duckdb.connect() as connection:
        ((limit,),) = connection.execute("select current_setting('memory_limit')").fetchall()
    number, unit = limit.split()
    return f"{float(number) * 0.75:.1f}{unit}"


def _replace(connection: duckdb.DuckDBPyConnection, kind: str, name: str, sql: str) -> None:
    statement = f"create or replace {kind} {name} as (\n{sql}\n)"
    try:
        connection.execute(statement)
    except duckdb.CatalogException as error:
        if not _OF_OTHER_KIND.search(str(error)):
            raise
        connection.execute(f"drop {'view' if kind == 'table' else 'table'} {name}")
        connection.execute(statement)


def _fill(connection: duckdb.DuckDBPyConnection, name: str, sql: str) -> int:
    """Make a table of DuckDB anew, its wide decimals uncompressed; return its rows."""
    rows = connection.sql(f"select * from (\n{sql}\n)")
    kinds = dict(zip(rows.columns, map(str, rows.types), strict=True))
    if not any(map(_is_wide, kinds.values())):
        _replace(connection, "table", name, sql)
        return int(connection.fetchall()[0][0])
    held = ", ".join(f"{_quote(column)} {kind}{_UNPACKED if _is_wide(kind) else ''}" for column, kind in kinds.items())
    try:
        return _create_and_insert(connection, name, held, sql)
    except duckdb.CatalogException as error:
        if not _OF_OTHER_KIND.search(str(error)):
            raise
        connection.execute(f"drop view {name}")
        return _create_and_insert(connection, name, held, sql)


def _create_and_insert(connection: duckdb.DuckDBPyConnection, name: str, columns: str, sql: str) -> int:
    with _transaction(connection):
        connection.execute(f"create or replace table {name} ({columns})")
        return int(connection.execute(f"insert into {name} select * from (\n{sql}\n)").fetchall()[0][0])


_UNPACKED = " using compression uncompressed"
"""DuckDB packs the bits of 128-bit numbers so that unpacking one takes 0.15 microseconds, 17 times as long as
reading it unpacked. Every model that reads an amount would pay for that, and so would the build that packs it.
"""


def _is_wide(kind: str) -> bool:
    found = _DECIMAL.fullmatch(kind)
    return kind == "HUGEINT" or (found is not None and int(found[1]) > _DIGITS_OF_64_BITS)


_DECIMAL = re.compile(r"DECIMAL\((\d+),\d+\)")
_DIGITS_OF_64_BITS = 18


@contextlib.contextmanager
def _transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    connection.begin()
    try:
        yield
    except BaseException:
        with contextlib.suppress(duckdb.Error):  # a database that failed has rolled back already
            connection.rollback()
        raise
    connection.commit()


def select_bronze(connection: duckdb.DuckDBPyConnection, table: BronzeTable, only: Sequence[Path] | None = None) -> str:
    """Write the select of the rows of a table of the lake, by DuckDB's own Parquet reader. only: of these files."""
    held = table.files() if only is None else only
    files = ", ".join("'" + str(path).replace("'", "''") + "'" for path in held)
    schema = table.schema()
    if not files:
        return f"select {', '.join(map(_null, schema))} where false"
    select = f"select * from read_parquet([{files}], union_by_name = true)"
    if DELETED not in schema.names:
        return select
    # A column of a database's table is known as soon as the table has it, though no row that landed may hold a value.
    kept = {row[0] for row in connection.execute(f"describe {select}").fetchall()}
    return select.replace("*", ", ".join(["*", *(_null(field) for field in schema if field.name not in kept)]), 1)


def _null(field: Any) -> str:
    return f"null::{sql_type(field.type)} as {_quote(field.name)}"


def _link(file: Path, target: Path) -> bool:
    """Give a file a second name; return whether the file system could."""
    try:
        os.link(file, target)
    except OSError:
        return False
    return True


def _quote_path(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]


def engine_error(doing: str, error: duckdb.Error, path: Path) -> EngineError:
    """Translate a DuckDB error, with what to do about those that users can fix."""
    text = _first_line(error)
    if "No space left" in text or "could not write" in text.lower():
        return EngineError(f"No space left on the disk: {text}", where=str(path), do="free some space and run again")
    if _DAMAGED.search(str(error)):
        return _explain_damage(text, path)
    if isinstance(error, duckdb.OutOfMemoryException):
        do = "raise warehouse.memory_limit in patron.yaml, or free disk for DuckDB to spill to"
        return OutOfMemoryError(f"Out of memory: {text}", where=doing, do=do)
    return EngineError(text, where=doing, do="if the message does not help, run `patron doctor`")


def _explain_damage(message: str, path: Path) -> EngineError:
    return EngineError(f"The warehouse is damaged: {message}", where=str(path), do=_REBUILD)
