"""Writes the rows of an engine that does not write Delta tables itself, some at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from patron.engines.published_types import find_published_type

if TYPE_CHECKING:
    import pyarrow as pa


def write_as_delta(target: Path, schema: pa.Schema, tables: Iterable[pa.Table]) -> int:
    """Replace a Delta table by some rows, in one commit; return how many there are.

    tables: the rows, with the columns of `schema`.
    """
    import pyarrow as pa
    from deltalake import write_deltalake

    published = pa.schema([(field.name, _publish(field.type)) for field in schema])
    count = 0

    def read() -> Iterator[pa.RecordBatch]:
        nonlocal count
        for rows in tables:
            count += rows.num_rows
            yield from rows.cast(published).to_batches()

    target.parent.mkdir(parents=True, exist_ok=True)
    rows = pa.RecordBatchReader.from_batches(published, read())
    write_deltalake(target, rows, mode="overwrite", schema_mode="overwrite")
    return count


def _publish(kind: pa.DataType) -> pa.DataType:
    import pyarrow as pa

    if pa.types.is_integer(kind):
        return pa.int64()
    if pa.types.is_decimal(kind):
        published = find_published_type(f"decimal({kind.precision},{kind.scale})")
        return pa.int64() if published == "bigint" else pa.decimal128(18 if "(18" in published else 38, kind.scale)
    if pa.types.is_timestamp(kind):
        return pa.timestamp("us")
    return pa.string() if pa.types.is_large_string(kind) else kind
