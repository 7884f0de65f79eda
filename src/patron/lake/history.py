"""The commits of a table's log, of which a process reads only those that it has not read before."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from deltalake import DeltaTable

Commit = dict[str, Any]


@dataclass(frozen=True)
class _Known:
    """What was read of a table. commits: the newest first."""

    table_id: str
    version: int
    commits: list[Commit]


_KNOWN: dict[Path, _Known] = {}
"""Of each table that this process has read: a stream asks after every landing, and its log grows with each."""


def read_history(path: Path, table: DeltaTable) -> list[Commit]:
    """Read every commit, the newest first. What was read before is trusted as long as its newest commit is the same."""
    table_id, version = str(table.metadata().id), int(table.version())
    known = _KNOWN.get(path)
    commits = None if known is None else _read_on(table, table_id, version, known)
    if commits is None:
        commits = list(table.history())
    _KNOWN[path] = _Known(table_id, version, commits)
    return list(commits)


def _read_on(table: DeltaTable, table_id: str, version: int, known: _Known) -> list[Commit] | None:
    """Read the commits since the known ones; None if these are not the log's any more."""
    if known.table_id != table_id or version < known.version or not known.commits:
        return None
    found = list(table.history(version - known.version + 1))
    return [*found[:-1], *known.commits] if found and found[-1] == known.commits[0] else None
