"""A Delta table that delivers one source."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from patron.storage.address import is_address, parse_address
from patron.storage.folder import RemoteFolder


@dataclass(frozen=True)
class DeltaSource:
    """A Delta table that delivers one source.

    written: the table as patron.yaml names it. address: its folder, or its address in object storage.
    key: columns that tell its rows apart. required_columns, optional_columns: those that a mapping needs, or may lack.
    memory_limit: what comparing may take before it spills to disk.
    """

    name: str
    written: str
    address: str
    key: tuple[str, ...] = ()
    required_columns: tuple[str, ...] = ()
    optional_columns: tuple[str, ...] = ()
    memory_limit: str = "1GB"

    @property
    def display_name(self) -> str:
        """What `_source_file` says of its rows."""
        return f"delta:{self.written}"

    @property
    def storage_options(self) -> dict[str, str] | None:
        """What a connection to object storage is given beside the address; None for a folder."""
        if not is_address(self.address):
            return None
        return RemoteFolder(parse_address(self.address), Path()).options()

    @property
    def where(self) -> str:
        """Its place in patron.yaml."""
        return f"sources.{self.name}.delta"
