"""Writes gold to .patron/published/<snapshot>/ and swaps the pointer last; readers open what the pointer names."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import shutil
from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from patron.contract.personal_data import MASK
from patron.errors import EngineError, NothingBuiltError, PatronError

if TYPE_CHECKING:
    import duckdb

    from patron.engines.engine import Warehouse
    from patron.publish.manifest import About

POINTER = "current.json"


@dataclass(frozen=True)
class Snapshot:
    """What the pointer says of the published tables.

    tables: name -> rows. contents: name -> a text that is the same for the same rows.
    """

    name: str
    fingerprint: str
    published_at: str
    as_of: str
    tables: dict[str, int]
    contents: dict[str, str] = field(default_factory=dict)


def publish(
    warehouse: Warehouse,
    published: Path,
    tables: list[str],
    *,
    fingerprint: str,
    as_of: str,
    anew: bool = False,
    told: About | None = None,
) -> Snapshot:
    """Export gold and make it current. Until the last step readers see the old snapshot, whole.

    A table whose rows are those of the snapshot before is that snapshot's file under a second name; anew: not even
    then. told: what is written beside the tables. The snapshot before stays, for readers who opened it a moment ago;
    older ones and unfinished ones go.
    Raises EngineError when the disk is full or a table cannot be read; the old snapshot stays.
    """
    before = current(published)
    now = dt.datetime.now(dt.UTC)
    name = _free_name(published, now)
    folder = published / name
    try:
        folder.mkdir(parents=True)
        contents = {} if anew or before is None else _contents(warehouse, tables, before, as_of)
        kept = _kept(published / before.name, before, contents, folder) if before and contents else {}
        counts = {**kept, **warehouse.export("gold", [table for table in tables if table not in kept], folder)}
        new = [table for table in tables if table not in contents and counts[table] < _MANY_ROWS]
        contents |= {table: warehouse.contents("gold", table) for table in new}
        ordered = {table: counts[table] for table in tables}
        snapshot = Snapshot(name, fingerprint, now.isoformat(timespec="seconds"), as_of, ordered, contents)
        if told is not None:
            told.write(folder)
        _swap(published, snapshot)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        do = "free some space and run again; readers still have the last snapshot"
        raise EngineError(f"Publishing failed: {error}", where=str(folder), do=do) from error
    except PatronError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    _forget_all_but(published, {name, before.name if before else name})
    return snapshot


_MANY_ROWS = 1_000_000


def _contents(warehouse: Warehouse, tables: list[str], before: Snapshot, as_of: str) -> dict[str, str]:
    """Of each table that may be as it was; a large one that is measured at another day surely is not. What a large
    one holds is first asked when a second run measures at the same day: asking costs half of writing it.
    """
    worth_it = [table for table in tables if before.as_of == as_of or before.tables.get(table, _MANY_ROWS) < _MANY_ROWS]
    return {table: warehouse.contents("gold", table) for table in worth_it}


def _kept(old: Path, before: Snapshot, contents: dict[str, str], folder: Path) -> dict[str, int]:
    """Take over the files of tables that did not change; gives their rows. A file system without links has none."""
    kept = {}
    for table, content in contents.items():
        if before.contents.get(table) == content:
            with contextlib.suppress(OSError):
                os.link(old / f"{table}.parquet", folder / f"{table}.parquet")
                kept[table] = before.tables[table]
    return kept


def _free_name(published: Path, now: dt.datetime) -> str:
    """A name by the clock, or by a later tick of it: a clock that was set back may come to a moment again."""
    while (published / (name := now.strftime("%Y%m%dT%H%M%S%fZ"))).exists():
        now += dt.timedelta(microseconds=1)
    return name


def _swap(published: Path, snapshot: Snapshot) -> None:
    fresh = published / f"{POINTER}.new"
    with fresh.open("w", encoding="utf-8") as file:
        json.dump(asdict(snapshot), file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(published / POINTER)


def _forget_all_but(published: Path, kept: set[str]) -> None:
    for folder in published.iterdir():
        if folder.is_dir() and folder.name not in kept:
            shutil.rmtree(folder, ignore_errors=True)


def current(published: Path) -> Snapshot | None:
    """The snapshot that the pointer names; None before the first run, or where pointer or folder are damaged."""
    try:
        said: dict[str, Any] = json.loads((published / POINTER).read_text(encoding="utf-8"))
        snapshot = Snapshot(**said)
        is_there = snapshot.name != "" and isinstance(snapshot.tables, dict) and (published / snapshot.name).is_dir()
    except (OSError, ValueError, TypeError):
        return None
    return snapshot if is_there else None


def _why_none(published: Path) -> PatronError:
    """Why nothing is current: nothing ever was, or somebody's hand or a disk has spoiled it."""
    if not (published / POINTER).exists():
        return NothingBuiltError("Nothing is published yet.", where=str(published), do="run `patron run` first")
    return NothingBuiltError(
        "The published tables cannot be found: their pointer is damaged, or the folder that it names is gone.",
        where=str(published / POINTER),
        do="run `patron run`: it builds and publishes them again",
    )


def open_published(published: Path) -> duckdb.DuckDBPyConnection:
    """A connection that sees gold.<table> and nothing else: it cannot write, nor read another file.

    Raises NothingBuiltError before the first run, EngineError where a published file is gone or damaged.
    """
    while True:
        snapshot = current(published)
        if snapshot is None:
            raise _why_none(published)
        try:
            return open_snapshot(published, snapshot)
        except EngineError:
            if current(published) == snapshot:  # else runs have ended meanwhile, and took the snapshot away
                raise


def open_snapshot(
    published: Path, snapshot: Snapshot, masked_columns: Collection[str] = ()
) -> duckdb.DuckDBPyConnection:
    """The same of one snapshot. masked_columns: what stands in them is MASK, in whatever table they are.

    Raises EngineError where one of its files is gone or damaged.
    """
    import duckdb

    connection = duckdb.connect(":memory:")
    try:
        _show(connection, published / snapshot.name, list(snapshot.tables), masked_columns)
    except duckdb.Error as error:
        connection.close()
        what = f"A published table cannot be read: {str(error).splitlines()[0]}"
        do = "run `patron run --full-refresh`: it is published again"
        raise EngineError(what, where=str(published / snapshot.name), do=do) from error
    return connection


def _show(
    connection: duckdb.DuckDBPyConnection, folder: Path, tables: list[str], masked_columns: Collection[str]
) -> None:
    connection.execute("create schema gold")
    for table in tables:
        path = str(folder / f"{table}.parquet").replace("'", "''")
        columns = _columns(connection, path, masked_columns)
        connection.execute(f"create view gold.{table} as select {columns} from read_parquet('{path}')")
    allowed = str(folder).replace("'", "''")
    connection.execute(f"set allowed_directories = ['{allowed}']")
    connection.execute("set enable_external_access = false")
    connection.execute("set schema = 'gold'")
    connection.execute("set lock_configuration = true")


def _columns(connection: duckdb.DuckDBPyConnection, path: str, masked_columns: Collection[str]) -> str:
    """What a view selects: everything, with MASK for each value of a masked column."""
    if not masked_columns:
        return "*"
    described = connection.execute(f"describe select * from read_parquet('{path}')").fetchall()
    found = [f'"{row[0]}"' for row in described if row[0] in masked_columns]
    masks = ", ".join(f"case when {name} is not null then '{MASK}' end as {name}" for name in found)
    return f"* replace ({masks})" if masks else "*"
