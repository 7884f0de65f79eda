"""Writes gold to .patron/published/<snapshot>/ and swaps the pointer last; readers open what the pointer names."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from patron.errors import EngineError, NothingBuiltError, PatronError

if TYPE_CHECKING:
    import duckdb

    from patron.warehouse.base import Warehouse

POINTER = "current.json"
KEPT = 2
"""Snapshots that stay: the current one, and the one before it for readers who opened it a moment ago."""


@dataclass(frozen=True)
class Snapshot:
    """What the pointer says of the published tables."""

    name: str
    fingerprint: str
    published_at: str
    as_of: str
    tables: dict[str, int]


def publish(warehouse: Warehouse, published: Path, tables: list[str], *, fingerprint: str, as_of: str) -> Snapshot:
    """Export gold and make it current. Until the last step readers see the old snapshot, whole.

    Raises EngineError when the disk is full or a table cannot be read; the old snapshot stays.
    """
    now = dt.datetime.now(dt.UTC)
    name = now.strftime("%Y%m%dT%H%M%S%fZ")
    folder = published / name
    try:
        folder.mkdir(parents=True)
        counts = warehouse.export("gold", tables, folder)
        snapshot = Snapshot(name, fingerprint, now.isoformat(timespec="seconds"), as_of, dict(counts))
        _swap(published, snapshot)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        do = "free some space and run again; readers still have the last snapshot"
        raise EngineError(f"Publishing failed: {error}", where=str(folder), do=do) from error
    except PatronError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    _forget_old(published, name)
    return snapshot


def _swap(published: Path, snapshot: Snapshot) -> None:
    fresh = published / f"{POINTER}.new"
    with fresh.open("w", encoding="utf-8") as file:
        json.dump(asdict(snapshot), file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(published / POINTER)


def _forget_old(published: Path, current: str) -> None:
    folders = sorted(path for path in published.iterdir() if path.is_dir() and path.name != current)
    for folder in folders[: -(KEPT - 1)]:
        shutil.rmtree(folder, ignore_errors=True)


def current(published: Path) -> Snapshot | None:
    """The snapshot that the pointer names; None before the first run, or where its folder is gone."""
    try:
        said: dict[str, Any] = json.loads((published / POINTER).read_text(encoding="utf-8"))
        snapshot = Snapshot(**said)
    except (OSError, ValueError, TypeError):
        return None
    return snapshot if (published / snapshot.name).is_dir() else None


def open_published(published: Path) -> duckdb.DuckDBPyConnection:
    """A connection that sees gold.<table> and nothing else: it cannot write, nor read another file.

    Raises NothingBuiltError before the first run.
    """
    import duckdb

    snapshot = current(published)
    if snapshot is None:
        raise NothingBuiltError("Nothing is published yet.", where=str(published), do="run `patron run` first")
    connection = duckdb.connect(":memory:")
    connection.execute("create schema gold")
    for table in snapshot.tables:
        path = str(published / snapshot.name / f"{table}.parquet").replace("'", "''")
        connection.execute(f"create view gold.{table} as select * from read_parquet('{path}')")
    folder = str(published / snapshot.name).replace("'", "''")
    connection.execute(f"set allowed_directories = ['{folder}']")
    connection.execute("set enable_external_access = false")
    connection.execute("set schema = 'gold'")
    connection.execute("set lock_configuration = true")
    return connection


def counts(snapshot: Snapshot) -> Mapping[str, int]:
    """Rows of each published table."""
    return dict(sorted(snapshot.tables.items()))
