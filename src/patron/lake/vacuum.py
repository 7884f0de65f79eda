"""Finds the files in a Delta table's folder that its present version does not need.

delta-rs would delete them, too, but writes two entries into the log each time, and the log is the history of landings.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from pathlib import Path

_DAY = 86_400


def find_unused_files(table: Path, held: Iterable[Path], days: float) -> list[Path]:
    """Find data files that left the table at least so many days ago, or that never became part of it.

    held: the files of the present version. A reader of an older version, or a view over its files, has so many days.
    """
    cutoff, keep = time.time() - days * _DAY, {path.name for path in held}
    loose = [path for path in table.glob("*.parquet") if path.name not in keep]
    removed = _read_removals(table / "_delta_log") if loose else {}
    return sorted(path for path in loose if removed.get(path.name, path.stat().st_mtime) <= cutoff)


def _read_removals(log: Path) -> dict[str, float]:
    """Read when each file left the table: name -> seconds since 1970. A cleaned log knows only the later ones."""
    return read_removals(entry.read_text(encoding="utf-8") for entry in sorted(log.glob("*.json")))


def read_removals(entries: Iterable[str]) -> dict[str, float]:
    """Read when each file left a table, from entries of its log in their order."""
    removed = {}
    for entry in entries:
        for line in entry.splitlines():
            if line.startswith('{"remove"'):
                action = json.loads(line)["remove"]
                removed[Path(action["path"]).name] = (action.get("deletionTimestamp") or 0) / 1000
    return removed
