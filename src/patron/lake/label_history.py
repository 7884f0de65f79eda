"""What customers were called, day by day: kept beside the lake, for no rebuild can tell what was known then."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from patron.lake.open_folder import open_folder

if TYPE_CHECKING:
    import datetime as dt

    import pyarrow as pa
    from deltalake import DeltaTable

    from patron.storage.bucket import StoredObject
    from patron.storage.folder import RemoteFolder

LABELS = ("segment", "clv_tier", "churn_group")
"""The labels whose changes are kept."""


class History:
    """A Delta table of changes. Columns: as_of_date, customer_id, and LABELS (all null: no longer a buyer).

    A row says that a customer's labels, measured at as_of_date, were others than at the observed day before. Each
    observed day also has a row without a customer, so that a day on which nothing changed is known too.
    """

    def __init__(self, place: Path | RemoteFolder) -> None:
        self._folder = open_folder(place)
        self.path = self._folder.path

    @property
    def exists(self) -> bool:
        return self._folder.has_log()

    def files(self) -> list[Path]:
        """The data files that make up the table now."""
        with self._folder.translate_errors():
            return self._folder.fetch(self._sizes())

    def find_unused_files(self, days: float) -> list[Path | StoredObject]:
        """Find data files that the table has not needed for so many days."""
        with self._folder.translate_errors():
            return self._folder.find_unused_files(self._sizes(), days)

    def _sizes(self) -> dict[str, int]:
        from urllib.parse import unquote

        from patron.lake.added_files import list_added_files

        adds = list_added_files(self._open()) if self.exists else []
        return {unquote(add["path"]): add["size_bytes"] for add in adds}

    def _open(self) -> DeltaTable:
        from deltalake import DeltaTable

        return DeltaTable(self._folder.uri, storage_options=self._folder.options)

    def merge_small_files(self) -> int:
        """Write the rows of small files into few large ones, in one commit; gives how many files became part of those.

        Raises EngineError where the disk is full.
        """
        from patron.lake.compaction import SMALL_FILE

        if len(self.files()) < 2:
            return 0
        with self._folder.translate_errors():
            table = self._open()
            self._folder.confirm()
            merged = int(table.optimize.compact(target_size=SMALL_FILE)["numFilesRemoved"])
            table.create_checkpoint()
            table.cleanup_metadata()  # a log of what was replaced, which nothing reads; Delta keeps it for 30 days
        return merged

    def record(self, changes: pa.Table | pa.RecordBatchReader, days: Iterable[dt.date]) -> None:
        """Replace what is known of these days, in one commit. Raises EngineError where the disk is full."""
        from deltalake import write_deltalake

        listed = ", ".join(f"'{day.isoformat()}'" for day in days)
        with self._folder.translate_errors():
            self._folder.confirm()
            options: dict[str, Any] = {"storage_options": self._folder.options}
            if self.exists:
                options |= {"mode": "overwrite", "predicate": f"as_of_date in ({listed})"}
            write_deltalake(self._folder.uri, changes, **options)


def schema() -> pa.Schema:
    """The columns of the table."""
    import pyarrow as pa

    return pa.schema([("as_of_date", pa.date32()), *((name, pa.string()) for name in ("customer_id", *LABELS))])
