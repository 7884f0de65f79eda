"""Open the published tables read-only: a connection sees one snapshot of gold and no other file."""

from __future__ import annotations

import os
import uuid
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from patron.contract.personal_data import MASK
from patron.errors import EngineError, NothingBuiltError, PatronError
from patron.publish.old_snapshots import hold
from patron.publish.snapshot import POINTER, Snapshot, load_current

if TYPE_CHECKING:
    import duckdb

_NO_EXTENSIONS = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}


def open_published(published: Path) -> duckdb.DuckDBPyConnection:
    """Open a DuckDB connection that sees gold.<table> and nothing else: it cannot write or read another file.

    published: the folder of the snapshots, `project.published`. The connection keeps its snapshot while later runs
    publish, however many. Raises NothingBuiltError before the first run, EngineError if a published file is missing or
    damaged.
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

    connection = duckdb.connect(":memory:", config=dict(_NO_EXTENSIONS))
    try:
        folder, tables = published / snapshot.name, list(snapshot.tables)
        hold(folder, connection)
        _create_views(connection, folder, tables, masked_columns)
        _lock_down(connection, folder, tables)
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
        path = _quote(folder / f"{table}.parquet")
        columns = _select_list(connection, path, masked_columns)
        connection.execute(f"create view gold.{table} as select {columns} from read_parquet({path})")


def _lock_down(connection: duckdb.DuckDBPyConnection, folder: Path, tables: list[str]) -> None:
    """Allow the files of the tables and nothing else, for as long as the connection lives.

    What does not fit into memory goes to a folder of its own in .patron, which others cannot read.
    """
    spill = folder.parent.parent / f"spill-{os.getpid()}-{uuid.uuid4().hex}"
    allowed = ", ".join(_quote(folder / f"{table}.parquet") for table in tables)
    connection.execute(f"set temp_directory = {_quote(spill)}")
    connection.execute(f"set allowed_paths = [{allowed}]")
    connection.execute(f"set allowed_directories = [{allowed}]")  # DuckDB looks for a folder where a file is gone
    connection.execute("set python_enable_replacements = false")
    connection.execute("set enable_external_access = false")
    connection.execute("set schema = 'gold'")
    connection.execute("set lock_configuration = true")


def _quote(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _select_list(connection: duckdb.DuckDBPyConnection, path: str, masked_columns: Collection[str]) -> str:
    """Build the select list of a view: every column, with MASK for each value of a masked one."""
    if not masked_columns:
        return "*"
    described = connection.execute(f"describe select * from read_parquet({path})").fetchall()
    found = [f'"{row[0]}"' for row in described if row[0] in masked_columns]
    masks = ", ".join(f"case when {name} is not null then '{MASK}' end as {name}" for name in found)
    return f"* replace ({masks})" if masks else "*"
