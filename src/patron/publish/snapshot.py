"""Write gold to .patron/published/<snapshot>/ and swap the pointer last, so that a snapshot appears all at once."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from patron.errors import EngineError, PatronError
from patron.files import write_atomically
from patron.publish.old_snapshots import NAME_FORMAT, delete_old_snapshots
from patron.publish.stated_types import refuse_other_types

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse

POINTER = "current.json"


@dataclass(frozen=True)
class Snapshot:
    """The published tables that the pointer names.

    tables: name -> rows. contents: name -> a hash that is equal for equal rows. as_of: the day they are measured at.
    files: name -> a hash of its bytes; empty in snapshots of older versions.
    """

    name: str
    fingerprint: str
    published_at: str
    as_of: str
    tables: dict[str, int]
    contents: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)


def publish(
    warehouse: Warehouse,
    published: Path,
    tables: list[str],
    *,
    fingerprint: str,
    as_of: str,
    force: bool = False,
    write_beside: Callable[[Path, dict[str, int]], None] | None = None,
    at_least: int = 2,
    days: float = 0,
) -> Snapshot:
    """Export the gold tables and make them the current snapshot. Until the last step readers see the previous one.

    A table whose rows did not change is a hard link to the file of the previous snapshot, if that still holds the bytes
    that were written; `force` exports it again.
    write_beside: called before the swap with the new folder and the rows of each table. at_least, days: which snapshots
    stay, see old_snapshots.py; the previous one always does, and unfinished ones go.
    Raises EngineError if the disk is full, a table cannot be read, or a column has another type than its model states;
    the previous snapshot stays current.
    """
    before = load_current(published)
    now = dt.datetime.now(dt.UTC)
    name = _choose_name(published, now)
    folder = published / name
    try:
        folder.mkdir(parents=True)
        contents = {} if force or before is None else _hash_tables(warehouse, tables, before, as_of)
        linked = _link_unchanged(published / before.name, before, contents, folder) if before and contents else {}
        counts = {**linked, **warehouse.export("gold", [table for table in tables if table not in linked], folder)}
        refuse_other_types(folder, (table for table in tables if table not in linked))
        new = [table for table in tables if table not in contents and counts[table] < _MANY_ROWS]
        contents |= warehouse.contents("gold", new)
        ordered = {table: counts[table] for table in tables}
        if write_beside is not None:
            write_beside(folder, ordered)
        files = {file.name: _hash_file(file) for file in sorted(folder.iterdir())}
        for file in files:
            (folder / file).chmod(_READ_ONLY)
        snapshot = Snapshot(name, fingerprint, now.isoformat(timespec="seconds"), as_of, ordered, contents, files)
        _swap(published, snapshot)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        do = "free some space and run again; readers still see the previous snapshot"
        raise EngineError(f"Publishing failed: {error}", where=str(folder), do=do) from error
    except PatronError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    kept = {name, before.name if before else name}
    _delete_unfinished(published, kept)
    delete_old_snapshots(published, kept, at_least=at_least, days=days, now=now)
    return snapshot


_MANY_ROWS = 1_000_000

_READ_ONLY = 0o400
"""What is published never changes, so nobody may write it; readers of the machine get it through patron."""


def _hash_tables(warehouse: Warehouse, tables: list[str], before: Snapshot, as_of: str) -> dict[str, str]:
    """Hash the tables that may not have changed.

    A large table is hashed only if it is measured as of the same day again: as of another day it surely has changed,
    and hashing it costs half as much as writing it.
    """
    candidates = [
        table for table in tables if before.as_of == as_of or before.tables.get(table, _MANY_ROWS) < _MANY_ROWS
    ]
    return warehouse.contents("gold", candidates)


def _link_unchanged(old: Path, before: Snapshot, contents: dict[str, str], folder: Path) -> dict[str, int]:
    """Link the files of tables that did not change into the new folder; return their rows.

    On a file system without hard links there are none, and every table is exported.
    """
    kept = {}
    for table, content in contents.items():
        if before.contents.get(table) == content and _is_intact(old / f"{table}.parquet", before):
            with contextlib.suppress(OSError):
                os.link(old / f"{table}.parquet", folder / f"{table}.parquet")
                kept[table] = before.tables[table]
    return kept


def find_damage(published: Path, snapshot: Snapshot) -> list[str]:
    """List the files of a snapshot that are missing, or do not hold the bytes that were published."""
    return [name for name in snapshot.files if not _is_intact(published / snapshot.name / name, snapshot)]


def _is_intact(file: Path, snapshot: Snapshot) -> bool:
    try:
        return snapshot.files.get(file.name) == _hash_file(file)
    except OSError:
        return False


def _hash_file(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "blake2b").hexdigest()


def _choose_name(published: Path, now: dt.datetime) -> str:
    """Name the snapshot by the time; later by a microsecond if a clock that was set back repeats a moment."""
    while (published / (name := now.strftime(NAME_FORMAT))).exists():
        now += dt.timedelta(microseconds=1)
    return name


def _swap(published: Path, snapshot: Snapshot) -> None:
    write_atomically(published / POINTER, json.dumps(asdict(snapshot), indent=2))


def _delete_unfinished(published: Path, kept: set[str]) -> None:
    """Delete what killed runs began after the previous snapshot; under a clock that was set back, older ones, too."""
    for folder in published.iterdir():
        if folder.is_dir() and folder.name not in kept and folder.name > min(kept):
            shutil.rmtree(folder, ignore_errors=True)


def load_current(published: Path) -> Snapshot | None:
    """Load the snapshot that the pointer names; None before the first run, or if the pointer or folder is damaged."""
    try:
        content: dict[str, Any] = json.loads((published / POINTER).read_text(encoding="utf-8"))
        snapshot = Snapshot(**content)
        is_there = snapshot.name != "" and isinstance(snapshot.tables, dict) and (published / snapshot.name).is_dir()
    except (OSError, ValueError, TypeError):
        return None
    return snapshot if is_there else None
