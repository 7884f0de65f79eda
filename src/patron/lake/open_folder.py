"""Choose where a Delta table lies: on this machine or in a bucket."""

from __future__ import annotations

from pathlib import Path

from patron.lake.table_folder import LocalFolder, TableFolder
from patron.storage.folder import RemoteFolder


def open_folder(place: Path | RemoteFolder) -> TableFolder:
    """Return the folder of a table. Nothing is read, and a bucket's client is imported at first use."""
    if isinstance(place, Path):
        return LocalFolder(place)
    from patron.lake.bucket_folder import BucketFolder

    return BucketFolder(place)
