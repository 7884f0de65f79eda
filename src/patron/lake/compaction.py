"""Merges the small files of a bronze table into few, in one commit of Delta's log that changes no row.

A run a day leaves a file a day, and every query opens each of them. delta-rs would merge them, too, but under names
that do not tell their content (see checksums.py), so the commit is written here: Delta's entries `remove` and `add`
without a change of data. Positions, landings and the files' rows stay as they are.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from patron.errors import EngineError

if TYPE_CHECKING:
    from deltalake import DeltaTable
    from deltalake.transaction import AddAction

    from patron.lake.table_folder import TableFolder

SMALL_FILE = 32 * 2**20
"""Bytes below which a file is merged with others."""

COMPACTION = "patron_compaction"
"""Under this key a commit that only merged files keeps the name of the table's content, which it did not change."""

_WRITER_FEATURES = {"appendOnly", "invariants", "timestampNtz"}
"""What a table may ask of its writers; with anything else (deletion vectors, ...) its files are left to its tool."""


def find_small_files(adds: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Find the files to merge, in the order in which they landed; none if there is only one."""
    small = [add for add in adds if add["size_bytes"] < SMALL_FILE]
    small.sort(key=lambda add: (add.get("min._batch_id") or 0, add["path"]))
    return small if len(small) > 1 else []


def can_merge(table: DeltaTable) -> bool:
    """Whether this table asks nothing of its writers that is not done here."""
    asked = table.protocol()
    return asked.min_reader_version <= 3 and _WRITER_FEATURES.issuperset(asked.writer_features or ())


def write_merge(merged: list[dict[str, Any]], adds: list[AddAction], content_id: str) -> str:
    """Write the log's entry that replaces files by others with the same rows."""
    now = time.time_ns() // 1_000_000
    info = {
        "timestamp": now,
        "operation": "OPTIMIZE",
        "operationParameters": {},
        COMPACTION: {"content_id": content_id},
    }
    entries = [{"commitInfo": info}, *(_remove(add, now) for add in merged), *map(_add, adds)]
    return "".join(json.dumps(entry, separators=(",", ":")) + "\n" for entry in entries)


def _remove(add: dict[str, Any], now: int) -> dict[str, Any]:
    facts = {"path": add["path"], "deletionTimestamp": now, "dataChange": False, "extendedFileMetadata": True}
    return {"remove": {**facts, "partitionValues": {}, "size": add["size_bytes"]}}


def _add(add: AddAction) -> dict[str, Any]:
    facts = {"path": add.path, "partitionValues": {}, "size": add.size, "modificationTime": add.modification_time}
    return {"add": {**facts, "dataChange": False, "stats": add.stats}}


def checkpoint(table: DeltaTable, folder: TableFolder) -> None:
    """Write the table's state into one file, so that opening it reads no older entries; drop older such files.

    The entries themselves stay: they are the history of landings.
    """
    table.create_checkpoint()
    if folder.has_first_entry():  # else another tool has cleaned the log: what stands for its beginning stays
        folder.drop_old_checkpoints(_CHECKPOINTS)


_CHECKPOINTS = 2
"""The newest, and the one that a reader may have looked up a moment ago."""


def refuse_lost_rows(table: str, before: int, after: int) -> None:
    """Raise EngineError if merged files do not hold as many rows as the files that they replace."""
    if before != after:
        what = f"merging files of the lake would have made {after:,} rows of {before:,}; nothing was changed"
        raise EngineError(what, where=table, do="run `patron check`")
