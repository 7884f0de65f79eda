"""Open the published tables read-only: a connection sees one snapshot of gold and no other file."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from patron.contract.personal_data import MASK
from patron.errors import EngineError, NothingBuiltError, PatronError, SettingsError
from patron.publish.snapshot import POINTER, Snapshot, load_current

if TYPE_CHECKING:
    import duckdb


def open_published(published: Path) -> duckdb.DuckDBPyConnection:
    """Open a DuckDB connection that sees gold.<table> and nothing else: it cannot write or read another file.

    published: the folder of the snapshots, `project.published`. The connection keeps its snapshot while later runs
    publish. Raises NothingBuiltError before the first run, EngineError if a published file is missing or damaged.
    """
    while True:
        snapshot = load_current(published)
        if snapshot is None:
            raise _explain_missing(published)
        try:
            return open_snapshot(published, snapshot)
        except EngineError:
            if load_current(published) == snapshot:  # otherwise later runs have deleted the snapshot
                raise


def _explain_missing(published: Path) -> PatronError:
    """Explain why there is no current snapshot: before the first run, or because its files are damaged."""
    if not (published / POINTER).exists():
        return NothingBuiltError("Nothing is published yet.", where=str(published), do="run `patron run` first")
    return NothingBuiltError(
        "The published tables cannot be found: their pointer is damaged, or the folder that it names is missing.",
        where=str(published / POINTER),
        do="run `patron run`: it builds and publishes them again",
    )


def open_snapshot(
    published: Path, snapshot: Snapshot, masked_columns: Collection[str] = ()
) -> duckdb.DuckDBPyConnection:
    """Open one snapshot, as `open_published` does.

    masked_columns: their values read as MASK, in every table. Raises EngineError if a file is missing or damaged.
    """
    import duckdb

    connection = duckdb.connect(":memory:")
    try:
        _create_views(connection, published / snapshot.name, list(snapshot.tables), masked_columns)
    except duckdb.Error as error:
        connection.close()
        what = f"A published table cannot be read: {str(error).splitlines()[0]}"
        do = "run `patron run --full-refresh` to publish it again"
        raise EngineError(what, where=str(published / snapshot.name), do=do) from error
    return connection


def _create_views(
    connection: duckdb.DuckDBPyConnection, folder: Path, tables: list[str], masked_columns: Collection[str]
) -> None:
    connection.execute("create schema gold")
    for table in tables:
        path = str(folder / f"{table}.parquet").replace("'", "''")
        columns = _select_list(connection, path, masked_columns)
        connection.execute(f"create view gold.{table} as select {columns} from read_parquet('{path}')")
    allowed = str(folder).replace("'", "''")
    connection.execute(f"set allowed_directories = ['{allowed}']")
    connection.execute("set enable_external_access = false")
    connection.execute("set schema = 'gold'")
    connection.execute("set lock_configuration = true")


def _select_list(connection: duckdb.DuckDBPyConnection, path: str, masked_columns: Collection[str]) -> str:
    """Build the select list of a view: every column, with MASK for each value of a masked one."""
    if not masked_columns:
        return "*"
    described = connection.execute(f"describe select * from read_parquet('{path}')").fetchall()
    found = [f'"{row[0]}"' for row in described if row[0] in masked_columns]
    masks = ", ".join(f"case when {name} is not null then '{MASK}' end as {name}" for name in found)
    return f"* replace ({masks})" if masks else "*"


def refuse_other_than_select(connection: Any, sql: str) -> None:
    """Raise SettingsError for anything but one select."""
    import duckdb

    try:
        statements = connection.extract_statements(sql)
    except duckdb.Error as error:
        raise SettingsError(str(error).strip(), where="the query", do="fix the SQL (DuckDB dialect)") from error
    readers = {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN}
    if len(statements) != 1 or statements[0].type not in readers:
        do = "write one select; gold is read-only"
        raise SettingsError("The query is not one select.", where="the query", do=do)
