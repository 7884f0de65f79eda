"""Exports the published tables to a folder of Delta or Iceberg tables.

Every table gets a new version first, and snapshot.json names all of them last. So a reader who opens the versions that
it names sees the tables of one run, and an export that was killed leaves them whole.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from patron.contract.personal_data import list_personal_columns
from patron.errors import LockedError, NothingBuiltError, PatronError, SettingsError
from patron.files import translate_disk_errors
from patron.publish.destinations import Export, ExportRequest
from patron.publish.old_snapshots import hold
from patron.publish.open_formats.versions import NAME, TableVersion, Versions, read_versions
from patron.publish.snapshot import Snapshot, load_current

if TYPE_CHECKING:
    from patron.project.project import Project

_WHERE = "patron export"
_LOCK = ".patron-export.lock"


class TableFormat(Protocol):
    """A format of tables in a folder."""

    name: str

    def write(self, table: str, file: Path, columns: list[str]) -> int | str:
        """Give a table a new version with these columns of a Parquet file, and return what names the version."""

    def clean(self, table: str, kept: Collection[int | str]) -> None:
        """Delete the files of a table that none of these versions needs."""


def export_to_folder(project: Project, request: ExportRequest, tables: TableFormat) -> Export:
    """Bring a folder up to date with the published snapshot.

    Raises SettingsError if the folder holds something else, NothingBuiltError before the first run, LockedError while
    another export writes there, EngineError if the disk is full or read-only.
    """
    folder = Path(request.folder)
    while True:
        snapshot = load_current(project.published)
        if snapshot is None:
            do = "run `patron run` first"
            raise NothingBuiltError("Nothing is published yet.", where=str(project.published), do=do)
        try:
            with translate_disk_errors(folder), _lock(folder):
                return _Exporter(project, snapshot, folder, tables).export(force=request.force)
        except PatronError:
            if load_current(project.published) == snapshot:  # otherwise later runs have deleted its files
                raise


@contextlib.contextmanager
def _lock(folder: Path) -> Iterator[None]:
    """Hold the folder, which must be new, empty, or one that was exported to before."""
    from filelock import FileLock, Timeout

    is_own = (folder / _LOCK).is_file() or (folder / NAME).is_file()
    if folder.exists() and not is_own and (not folder.is_dir() or any(folder.iterdir())):
        what = f"{folder} is there already, and patron did not write it."
        raise SettingsError(what, where=_WHERE, do="name another folder")
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / _LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        do = "wait until it is done; nothing was changed"
        raise LockedError("Another export is writing this folder.", where=str(folder), do=do) from None
    try:
        yield
    finally:
        lock.release()


class _Exporter:
    """One export of a snapshot to a folder."""

    def __init__(self, project: Project, snapshot: Snapshot, folder: Path, tables: TableFormat) -> None:
        self.snapshot, self.folder, self.tables = snapshot, folder, tables
        self.published, self.keep = project.published / snapshot.name, project.settings.keep
        self.left_out = frozenset() if project.settings.publish.personal else list_personal_columns()
        self.before = read_versions(folder)
        if self.before and self.before.format != tables.name:
            what = f"{folder} holds {self.before.format} tables."
            raise SettingsError(what, where=_WHERE, do="name another folder")
        hold(self.published, self)
        self.columns = {table: self._list_columns(table) for table in snapshot.tables}
        self.report = Export(str(folder), snapshot.name, snapshot.as_of, kind="folder")

    def _list_columns(self, table: str) -> list[str]:
        import pyarrow.parquet as pq

        return list(pq.read_schema(self._find_file(table)).names)

    def _find_file(self, table: str) -> Path:
        return self.published / f"{table}.parquet"

    def export(self, *, force: bool) -> Export:
        """Write what differs, name it, and delete what no snapshot needs any more."""
        found = {name for columns in self.columns.values() for name in columns}
        self.report.left_out = sorted(self.left_out & found)
        before = self.before.tables if self.before else {}
        now = {table: self._write(table, None if force else before.get(table)) for table in self.snapshot.tables}
        if self.before and self.before.snapshot == self.snapshot.name and now == before:
            return self.report
        at = dt.datetime.now(dt.UTC).isoformat(timespec="microseconds")
        versions = Versions(self.tables.name, self.snapshot.name, self.snapshot.as_of, at, now).succeed(
            self.before, at_least=self.keep.snapshots, days=self.keep.snapshot_days
        )
        versions.write(self.folder)
        self.report.is_new = True
        self._clean(versions)
        return self.report

    def _clean(self, versions: Versions) -> None:
        """Delete what the snapshots that are named now do not need, of tables that changed."""
        before = self.before.list_tables() if self.before else set()
        for table in sorted(before | versions.list_tables()):
            kept = versions.list_kept(table)
            if self.before is None or kept != self.before.list_kept(table):
                self.tables.clean(table, kept)

    def _write(self, table: str, before: TableVersion | None) -> TableVersion:
        columns = [name for name in self.columns[table] if name not in self.left_out]
        rows, content = self.snapshot.tables[table], self.snapshot.contents.get(table, "")
        if before and content and (before.content, before.columns) == (content, columns):
            self.report.unchanged.append(table)
            return before
        version = self.tables.write(table, self._find_file(table), columns)
        self.report.loaded[table] = rows
        return TableVersion(version, rows, content, columns)
