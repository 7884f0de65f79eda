"""The lake as a folder of tables."""

from __future__ import annotations

import os
from pathlib import Path

from patron.errors import SettingsError
from patron.files import write_atomically
from patron.lake.bronze_table import BronzeTable
from patron.lake.offsets import BATCH_POSITION


class Lake:
    """The folder of every bronze table of a project. One writer at a time: the caller holds the lock."""

    def __init__(self, root: Path) -> None:
        self.root = Path(root)
        self._tables: dict[str, BronzeTable] = {}
        self._batch_ids: dict[Path, tuple[str, int]] = {}  # table -> the latest entry of its log, its highest batch id

    def table(self, source: str) -> BronzeTable:
        """The source's table, which need not exist yet.

        Raises SettingsError where the name cannot be a folder of the lake.
        """
        if source not in self._tables:
            self._tables[source] = BronzeTable(self.root / _check_name(source), self.root / "_staging" / source)
        return self._tables[source]

    def rejected(self, source: str) -> BronzeTable:
        """The rows of the source that could not be read."""
        return BronzeTable(self.root / "_rejected" / _check_name(source), self.root / "_staging" / "_rejected" / source)

    def read_note(self, name: str) -> str | None:
        """Read a small text that is kept beside the tables; None where there is none."""
        try:
            return (self.root / name).read_text(encoding="utf-8")
        except OSError:
            return None

    def write_note(self, name: str, text: str) -> None:
        """Write a small text beside the tables, in one step."""
        write_atomically(self.root / name, text)

    def sources(self) -> list[str]:
        """Those that have a table, in order of name."""
        return sorted(path.name for path in _tables_in(self.root) if not path.name.startswith("_"))

    def next_batch_id(self) -> int:
        """1 + the highest batch id that is committed in any table of this lake, rejected rows included."""
        tables = [*_tables_in(self.root), *_tables_in(self.root / "_rejected")]
        return 1 + max((self._highest_batch_id(path) for path in tables), default=0)

    def remember(self, table: BronzeTable, batch_id: int) -> None:
        """Note the batch that the caller has just committed: the next id is then known without opening the table."""
        self._batch_ids[table.path] = _latest_entry(table.path), batch_id

    def _highest_batch_id(self, path: Path) -> int:
        # Opening a table costs 3 ms and more, so it is opened again only when its log has a new entry.
        latest = _latest_entry(path)
        if self._batch_ids.get(path, ("", 0))[0] != latest:
            self._batch_ids[path] = latest, BronzeTable(path, self.root).position(BATCH_POSITION) or 0
        return self._batch_ids[path][1]


def _check_name(source: str) -> str:
    if not source or source.startswith(("_", ".")) or any(sign in source for sign in "/\\:"):
        raise SettingsError(
            f"{source!r} cannot be the name of a source",
            do="use letters, digits and _, starting with a letter",
        )
    return source


def _latest_entry(table: Path) -> str:
    with os.scandir(table / "_delta_log") as entries:  # a log may have thousands, over which glob takes long
        return max(entry.name for entry in entries if entry.name.endswith(".json"))


def _tables_in(folder: Path) -> list[Path]:
    return [log.parent for log in folder.glob("*/_delta_log") if BronzeTable(log.parent, folder).exists]
