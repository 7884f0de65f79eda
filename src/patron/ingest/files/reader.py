"""The interface of every format once a file's columns are known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

import pyarrow as pa

from patron.ingest.column_names import make_column_names
from patron.ingest.files.content_hash import Fingerprint
from patron.ingest.files.rejected_rows import Rejects
from patron.lake import HEADER_KEY


class ReadableFile(Protocol):
    """A file whose columns are known.

    columns: legal names; each field's metadata holds the header's own text. Empty for a file without content.
    remarks: what a person should know of the file although it lands.
    """

    fingerprint: Fingerprint
    columns: pa.Schema
    remarks: tuple[str, ...]

    def batches(self, rejects: Rejects) -> Iterator[pa.RecordBatch]:
        """Yield rows in file order; those that cannot be read go to `rejects`. Raises SourceError."""


def make_fields(header: list[str], types: Iterable[pa.DataType]) -> pa.Schema:
    """Make columns with legal names whose metadata keeps the text of the header."""
    names = make_column_names(header)
    return pa.schema(
        pa.field(name, type_, metadata={HEADER_KEY: text})
        for name, text, type_ in zip(names, header, types, strict=True)
    )


def describe_columns(file: ReadableFile) -> tuple[str, pa.Schema]:
    """Return the display name of the file, and its columns."""
    return file.fingerprint.file.display_name, file.columns


def list_original_names(columns: pa.Schema) -> list[str]:
    """List the header as the file writes it."""
    return [column.metadata[HEADER_KEY.encode()].decode() for column in columns]
