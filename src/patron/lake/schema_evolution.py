"""Types that widen: one type for a column whose values came as several, each value as it was.

The types of a Delta table's columns stay what they are, for the feature that would let them change is read by
few. So numbers land in the widest type of their kind, and where that is not enough (whole numbers that become
decimals, a finer scale, days that become times) the table is written anew, once, in one commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from patron.errors import SourceError

if TYPE_CHECKING:
    import pyarrow as pa

_BATCH_ROWS = 2**16
_MOST_DIGITS = 38  # of a decimal, in Delta as in its readers
_DIGITS_OF_INTEGERS = 19


def find_common_type(one: pa.DataType, other: pa.DataType) -> pa.DataType | None:
    """The type that holds the values of both, or None. The order, and what came when, make no difference.

    Decimals and floating point do not go together: money never becomes a float, nor the other way round.
    """
    from pyarrow import types

    if one == other or types.is_null(other):
        return one
    if types.is_null(one):
        return other
    for this, that in ((one, other), (other, one)):
        if types.is_integer(this) and types.is_integer(that):
            return max(one, other, key=lambda type_: type_.bit_width)
        if types.is_floating(this) and (types.is_floating(that) or types.is_integer(that)):
            return _double()
        if types.is_decimal(this) and (types.is_decimal(that) or types.is_integer(that)):
            return _common_decimal(this, that)
        if types.is_timestamp(this) and this.tz is None and types.is_date(that):
            return this
    return None


def _double() -> pa.DataType:
    import pyarrow as pa

    return pa.float64()


def _common_decimal(one: pa.DataType, other: pa.DataType) -> pa.DataType | None:
    import pyarrow as pa

    (digits, scale), (other_digits, other_scale) = _digits(one), _digits(other)
    scale, digits = max(scale, other_scale), max(digits, other_digits)
    return pa.decimal128(digits + scale, scale) if digits + scale <= _MOST_DIGITS else None


def _digits(type_: pa.DataType) -> tuple[int, int]:
    """Digits before the point, and after it."""
    from pyarrow import types

    return (type_.precision - type_.scale, type_.scale) if types.is_decimal(type_) else (_DIGITS_OF_INTEGERS, 0)


def widen(values: pa.Array, column: pa.Field, where: str) -> pa.Array:
    """Values in the type of their column. Raises SourceError where one would not be the same there."""
    import pyarrow as pa

    try:
        return values.cast(column.type)
    except pa.ArrowInvalid as error:
        what = f"column {column.name!r} holds a value that {column.type} cannot hold exactly: {error}"
        do = "write the file with the same type as the others, or make it a separate source"
        raise SourceError(what, where=where, do=do) from error


def rewrite(files: Iterable[Path], schema: pa.Schema) -> pa.RecordBatchReader:
    """Every row of a table's files, in order, in other types; a column that a file lacks is NULL."""
    import pyarrow as pa

    return pa.RecordBatchReader.from_batches(schema, _rewrite(files, schema))


def _rewrite(files: Iterable[Path], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    for path in files:
        with pq.ParquetFile(path) as file:
            held = set(file.schema_arrow.names)
            for batch in file.iter_batches(_BATCH_ROWS):
                columns = [
                    widen(batch[column.name], column, str(path))
                    if column.name in held
                    else pa.nulls(batch.num_rows, column.type)
                    for column in schema
                ]
                yield pa.RecordBatch.from_arrays(columns, schema=schema)
