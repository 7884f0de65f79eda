"""What customers were called, day by day: kept beside the lake, for no rebuild can tell what was known then."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from patron.lake.errors import translate_errors

if TYPE_CHECKING:
    import datetime as dt

    import pyarrow as pa

LABELS = ("segment", "clv_tier", "churn_group")
"""The labels whose changes are kept."""


class History:
    """A Delta table of changes. Columns: as_of_date, customer_id, and LABELS (all null: no longer a buyer).

    A row says that a customer's labels, measured at as_of_date, were others than at the observed day before. Each
    observed day also has a row without a customer, so that a day on which nothing changed is known too.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def exists(self) -> bool:
        return any((self.path / "_delta_log").glob("*.json"))

    def files(self) -> list[Path]:
        """The data files that make up the table now."""
        from urllib.parse import unquote

        from deltalake import DeltaTable

        from patron.lake.added_files import list_added_files

        if not self.exists:
            return []
        with translate_errors(self.path):
            adds = list_added_files(DeltaTable(self.path))
        return sorted(self.path.absolute() / unquote(add["path"]) for add in adds)

    def merge_small_files(self) -> int:
        """Write the rows of small files into few large ones, in one commit; gives how many files became part of those.

        Raises EngineError where the disk is full.
        """
        from deltalake import DeltaTable

        from patron.lake.compaction import SMALL_FILE

        if len(self.files()) < 2:
            return 0
        with translate_errors(self.path):
            table = DeltaTable(self.path)
            merged = int(table.optimize.compact(target_size=SMALL_FILE)["numFilesRemoved"])
            table.create_checkpoint()
            table.cleanup_metadata()  # a log of what was replaced, which nothing reads; Delta keeps it for 30 days
        return merged

    def record(self, changes: pa.Table | pa.RecordBatchReader, days: Iterable[dt.date]) -> None:
        """Replace what is known of these days, in one commit. Raises EngineError where the disk is full."""
        from deltalake import write_deltalake

        listed = ", ".join(f"'{day.isoformat()}'" for day in days)
        with translate_errors(self.path):
            if self.exists:
                write_deltalake(self.path, changes, mode="overwrite", predicate=f"as_of_date in ({listed})")
            else:
                write_deltalake(self.path, changes)


def schema() -> pa.Schema:
    """The columns of the table."""
    import pyarrow as pa

    return pa.schema([("as_of_date", pa.date32()), *((name, pa.string()) for name in ("customer_id", *LABELS))])
