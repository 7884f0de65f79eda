"""The lake as a folder of tables."""

from __future__ import annotations

from pathlib import Path

from patron.errors import SettingsError
from patron.files import write_atomically
from patron.lake.bronze_table import BronzeTable
from patron.lake.offsets import BATCH_POSITION
from patron.storage.folder import RemoteFolder


class Lake:
    """The folder of every bronze table of a project. One writer at a time: the caller holds the lock.

    root: the folder on this machine: of a lake in a bucket, that of copies and of what is being written.
    """

    def __init__(self, root: Path | RemoteFolder) -> None:
        self._remote = root if isinstance(root, RemoteFolder) else None
        self.root = root.copies if isinstance(root, RemoteFolder) else Path(root)
        self._tables: dict[str, BronzeTable] = {}
        self._batch_ids: dict[Path, tuple[str, int]] = {}  # table -> the latest entry of its log, its highest batch id

    def table(self, source: str) -> BronzeTable:
        """The source's table, which need not exist yet.

        Raises SettingsError where the name cannot be a folder of the lake.
        """
        if source not in self._tables:
            self._tables[source] = self._place(_check_name(source), source)
        return self._tables[source]

    def rejected(self, source: str) -> BronzeTable:
        """The rows of the source that could not be read."""
        name = f"_rejected/{_check_name(source)}"
        if name not in self._tables:  # known by its name in the lake, which no source has
            self._tables[name] = self._place(name, name)
        return self._tables[name]

    def _place(self, name: str, staging: str) -> BronzeTable:
        remote = self._remote.join(name) if self._remote else None
        return BronzeTable(self.root / name, self.root / "_staging" / staging, remote)

    def read_note(self, name: str) -> str | None:
        """Read a small text that is kept beside the tables; None where there is none."""
        if self._remote:
            found = self._remote.bucket.read(self._remote.key(name))
            return found[0].decode() if found else None
        try:
            return (self.root / name).read_text(encoding="utf-8")
        except OSError:
            return None

    def write_note(self, name: str, text: str) -> None:
        """Write a small text beside the tables, in one step; in a bucket, only whoever holds the lease does."""
        if self._remote:
            if self._remote.is_leased:
                self._remote.lease.confirm()
                self._remote.bucket.write(self._remote.key(name), text.encode())
        else:
            write_atomically(self.root / name, text)

    def sources(self) -> list[str]:
        """Those that have a table, in order of name."""
        return sorted(name for name in self._list_tables("") if not name.startswith("_"))

    def next_batch_id(self) -> int:
        """1 + the highest batch id that is committed in any table of this lake, rejected rows included."""
        names = [*self._list_tables(""), *(f"_rejected/{name}" for name in self._list_tables("_rejected"))]
        tables = [self._tables.setdefault(name, self._place(name, name)) for name in names]
        self._fence(tables)
        return 1 + max((self._highest_batch_id(table) for table in tables), default=0)

    def _fence(self, tables: list[BronzeTable]) -> None:
        """Where the lease was taken over: before a batch gets its number, end what its last holder may yet write."""
        if self._remote and self._remote.holds_taken_lease:
            for table in tables:
                table.write_fence()
            self._remote.lease.was_taken_over = False

    def _list_tables(self, folder: str) -> list[str]:
        if self._remote:
            names = self._remote.bucket.list_folders(self._remote.key(folder))
            prefix = f"{folder}/" if folder else ""
            return [name for name in names if self._place(prefix + name, name).exists]
        return [path.name for path in _tables_in(self.root / folder)]

    def remember(self, table: BronzeTable, batch_id: int) -> None:
        """Note the batch that the caller has just committed: the next id is then known without opening the table."""
        self._batch_ids[table.path] = table.latest_entry(), batch_id

    def _highest_batch_id(self, table: BronzeTable) -> int:
        # Opening a table costs 3 ms and more, so it is opened again only when its log has a new entry.
        latest, path = table.latest_entry(), table.path
        if self._batch_ids.get(path, ("", 0))[0] != latest:
            self._batch_ids[path] = latest, table.position(BATCH_POSITION) or 0
        return self._batch_ids[path][1]


def _check_name(source: str) -> str:
    if not source or source.startswith(("_", ".")) or any(sign in source for sign in "/\\:"):
        raise SettingsError(
            f"{source!r} cannot be the name of a source",
            do="use letters, digits and _, starting with a letter",
        )
    return source


def _tables_in(folder: Path) -> list[Path]:
    return [log.parent for log in folder.glob("*/_delta_log") if BronzeTable(log.parent, folder).exists]
