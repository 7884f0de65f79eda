"""Tidies up: merges small files of the lake, and deletes files and snapshots that nobody needs any more.

`patron run` does it once a day at most, after it has published; `patron tidy` at once. Each step stands alone and is
safe to stop: a merge is one commit, views over merged files are pointed at the new ones before an old file goes, and
what was not deleted is found again.
"""

from __future__ import annotations

import datetime as dt
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from patron.errors import NothingBuiltError
from patron.files import translate_disk_errors, write_atomically
from patron.lake import Lake
from patron.lake.label_history import History
from patron.project.lock import lock_project
from patron.publish.old_snapshots import find_old_snapshots
from patron.publish.snapshot import load_current
from patron.storage.bucket import Bucket, StoredObject

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse
    from patron.lake import BronzeTable
    from patron.project.project import Project

_RECORD, _DAY = "tidied.json", 86_400


@dataclass
class Tidied:
    """What was tidied up, or would be.

    merged: table of the lake -> how many of its files became part of larger ones. deleted: files and folders.
    """

    merged: dict[str, int] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)
    deleted_bytes: int = 0
    is_dry_run: bool = False

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self)


def tidy(project: Project, *, dry_run: bool = False) -> Tidied:
    """Tidy up now. dry_run: only find what would be done.

    Raises NothingBuiltError before the first run, LockedError while one is at work, EngineError (full disk, damage).
    """
    from patron.engines import open_warehouse

    if not Lake(project.lake).sources():
        raise NothingBuiltError("Nothing has landed yet.", where=str(project.root), do="run `patron run` first")
    with lock_project(project.state, project.lake), translate_disk_errors(project.state):
        steps = _Steps(project, Lake(project.lake))
        if dry_run:
            return steps.find()
        warehouse = open_warehouse(project)
        try:
            return steps.take(warehouse)
        finally:
            warehouse.close()


def tidy_once_a_day(project: Project, lake: Lake, warehouse: Warehouse) -> Tidied | None:
    """Tidy up if the last time was a day ago or more, or if a table has too many small files. The lock is held."""
    steps = _Steps(project, lake)
    return steps.take(warehouse) if steps.is_due() else None


class _Steps:
    def __init__(self, project: Project, lake: Lake) -> None:
        self.project, self.lake, self.policy = project, lake, project.settings.keep
        self.history = History(project.history)

    def is_due(self) -> bool:
        record = self.project.state / _RECORD
        if not record.exists() or time.time() - record.stat().st_mtime >= _DAY:
            return True
        return bool(self._crowded()) or self._is_history_crowded()

    def find(self) -> Tidied:
        found = Tidied(is_dry_run=True)
        found.merged = {name: len(table.find_small_files()) for name, table in self._crowded().items()}
        if self._is_history_crowded():
            found.merged["history"] = len(self.history.files())
        self._count(found, [*self._find_unused(), *self._find_old()])
        return found

    def take(self, warehouse: Warehouse) -> Tidied:
        done = Tidied(merged={name: table.merge_small_files() for name, table in self._crowded().items()})
        if self._is_history_crowded():
            done.merged["history"] = self.history.merge_small_files()
        unused = self._find_unused()
        if done.merged or unused:
            self._expose(warehouse)
        old = [*unused, *self._find_old()]
        self._count(done, old)
        for path in old:
            _delete(path)
        write_atomically(self.project.state / _RECORD, "{}")
        return done

    def _tables(self) -> Iterator[tuple[str, BronzeTable]]:
        for source in self.lake.sources():
            yield source, self.lake.table(source)
            if self.lake.rejected(source).exists:
                yield f"_rejected/{source}", self.lake.rejected(source)

    def _crowded(self) -> dict[str, BronzeTable]:
        """The tables that have more small files than the policy allows."""
        limit = self.policy.small_files
        return {name: table for name, table in self._tables() if len(table.find_small_files()) > limit}

    def _is_history_crowded(self) -> bool:
        return len(self.history.files()) > self.policy.small_files

    def _find_unused(self) -> list[Path | StoredObject]:
        """Find the files that no table of the lake needs, and what killed runs left half written."""
        tables = [table for _, table in self._tables()]
        unused: list[Path | StoredObject] = [
            path for table in tables for path in table.find_unused_files(self.policy.lake_days)
        ]
        if self.history.exists:
            unused += self.history.find_unused_files(self.policy.lake_days)
        left = (self.lake.root / "_staging").glob("*")
        return [*unused, *(path for path in left if any(file.is_file() for file in path.rglob("*")))]

    def _find_old(self) -> list[Path]:
        snapshot = load_current(self.project.published)
        if snapshot is None:
            return []
        limits: dict[str, Any] = {"at_least": self.policy.snapshots, "days": self.policy.snapshot_days}
        return find_old_snapshots(self.project.published, {snapshot.name}, **limits, now=dt.datetime.now(dt.UTC))

    def _expose(self, warehouse: Warehouse) -> None:
        """Point the warehouse's views at the files that stay, before others go."""
        sources = [source for source in self.project.settings.sources if self.lake.table(source).exists]
        warehouse.expose_bronze(self.lake, sources)
        warehouse.expose_history(self.history)

    def _count(self, tidied: Tidied, paths: list[Path | StoredObject]) -> None:
        tidied.deleted = [
            str(path.relative_to(self.project.root) if isinstance(path, Path) else path.address) for path in paths
        ]
        tidied.deleted_bytes = sum(map(_count_bytes, paths))


def _count_bytes(path: Path | StoredObject) -> int:
    """Count the bytes that deleting frees: a file that has another name, too, frees none."""
    if isinstance(path, StoredObject):
        return path.size
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return sum(file.stat().st_size for file in files if file.stat().st_nlink == 1)


def _delete(path: Path | StoredObject) -> None:
    if isinstance(path, StoredObject):
        Bucket(path.address).delete(path.address.key)
    elif path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
