"""A file that a source's patterns match."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class FoundFile:
    """A file, and its path as the user would write it: from the data folder, with forward slashes.

    identity: of an object in a bucket, what changes with each write of it; of a file on the disk, nothing.
    """

    path: Path
    display_name: str
    identity: str = ""

    def read_signs(self) -> tuple[int, int]:
        """Return the size and time that reveal a later change. Raises OSError."""
        status = self.path.stat()
        return status.st_size, status.st_mtime_ns

    def read_head(self, size: int) -> bytes:
        """Read the first bytes."""
        with self.path.open("rb") as file:
            return file.read(size)
