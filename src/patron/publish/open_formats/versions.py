"""snapshot.json of an exported folder: which versions of tables belong to the current snapshot, and to earlier ones."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from patron.files import write_atomically

NAME = "snapshot.json"
_FOR_ALL = 0o644


@dataclass(frozen=True)
class TableVersion:
    """A table as of one snapshot.

    version: what names it in its format: a number for Delta, the path of a metadata file for Iceberg. content: a hash
    that is equal for equal rows, empty if none is known. columns: those that are exported.
    """

    version: int | str
    rows: int
    content: str
    columns: list[str]


@dataclass(frozen=True)
class Versions:
    """The tables of one snapshot: name -> its version. exported_at: ISO, UTC."""

    format: str
    snapshot: str
    as_of: str
    exported_at: str
    tables: dict[str, TableVersion]
    earlier: list[Versions] = field(default_factory=list)

    def succeed(self, before: Versions | None, *, at_least: int, days: float) -> Versions:
        """Return these as the current ones, with the earlier ones that stay: so many in all, or so many days."""
        if before is None:
            return self
        oldest = (dt.datetime.fromisoformat(self.exported_at) - dt.timedelta(days=days)).isoformat()
        earlier = [Versions(**{**vars(before), "earlier": []}), *before.earlier]
        kept = [one for at, one in enumerate(earlier, start=2) if at <= at_least or one.exported_at > oldest]
        return Versions(**{**vars(self), "earlier": kept})

    def list_kept(self, table: str) -> set[int | str]:
        """List the versions of a table that the snapshots here name."""
        return {one.tables[table].version for one in (self, *self.earlier) if table in one.tables}

    def list_tables(self) -> set[str]:
        """List the tables that the snapshots here name."""
        return {table for one in (self, *self.earlier) for table in one.tables}

    def write(self, folder: Path) -> None:
        """Make these the current versions, in one step."""
        write_atomically(folder / NAME, json.dumps(asdict(self), indent=1), mode=_FOR_ALL)


def read_versions(folder: Path) -> Versions | None:
    """Read the current versions; None if nothing was exported there yet, or the file is damaged."""
    try:
        return _parse(json.loads((folder / NAME).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _parse(content: dict[str, Any]) -> Versions:
    tables = {name: TableVersion(**one) for name, one in content["tables"].items()}
    earlier = [_parse(one) for one in content["earlier"]]
    return Versions(**{**content, "tables": tables, "earlier": earlier})
