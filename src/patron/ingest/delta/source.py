"""A Delta table that delivers one source."""

from __future__ import annotations

from dataclasses import dataclass


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
    def where(self) -> str:
        """Its place in patron.yaml."""
        return f"sources.{self.name}.delta"
