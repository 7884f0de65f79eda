"""Parquet: columns in their own types where Delta supports them."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from patron.errors import SourceError
from patron.ingest.files.content_hash import Fingerprint
from patron.ingest.files.delta_types import find_delta_type
from patron.ingest.files.reader import make_fields
from patron.ingest.files.rejected_rows import Rejects

_BATCH_ROWS = 2**16
_DAMAGE = (pa.ArrowException, OSError, ValueError)  # UnicodeDecodeError among them: of names that are no UTF-8


class ParquetFile:
    """A Parquet file whose footer has been read."""

    remarks: tuple[str, ...] = ()

    def __init__(self, fingerprint: Fingerprint) -> None:
        """Read the footer. Raises SourceError if it cannot be read."""
        self.fingerprint = fingerprint
        with self._open() as file:
            try:
                schema = file.schema_arrow
                self.columns = make_fields(schema.names, map(_resolve_type, schema.types))
            except _DAMAGE as error:
                raise self._describe_damage(error) from error

    def batches(self, rejects: Rejects) -> Iterator[pa.RecordBatch]:  # noqa: ARG002  # a row is never half readable here
        """Yield rows in file order. Raises SourceError if a page is damaged."""
        with self._open() as file:
            try:
                for batch in file.iter_batches(_BATCH_ROWS):
                    batch.validate(full=True)  # texts that are not UTF-8 would stop whoever reads them later
                    yield pa.RecordBatch.from_arrays(self._convert(batch), schema=self.columns)
            except _DAMAGE as error:
                raise self._describe_damage(error) from error

    def _convert(self, batch: pa.RecordBatch) -> list[pa.Array]:
        # Unsafe only because it drops digits finer than a microsecond.
        return [column.cast(field.type, safe=False) for column, field in zip(batch, self.columns, strict=True)]

    def _open(self) -> pq.ParquetFile:
        try:
            return pq.ParquetFile(self.fingerprint.file.path, page_checksum_verification=True)
        except _DAMAGE as error:
            raise self._describe_damage(error) from error

    def _describe_damage(self, error: Exception) -> SourceError:
        return SourceError(
            f"the Parquet file cannot be read: {str(error).splitlines()[0]}",
            where=self.fingerprint.file.display_name,
            do="it may be truncated: deliver it again",
        )


def _resolve_type(type_: pa.DataType) -> pa.DataType:
    """Resolve the type of a column; one of nulls only takes the type it has in other files."""
    return type_ if pa.types.is_null(type_) else find_delta_type(type_)
