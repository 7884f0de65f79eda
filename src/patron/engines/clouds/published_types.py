"""The types of published tables, whichever warehouse in the cloud the rows come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

_PLACES = 9
"""Of BigQuery's widest decimals, which come with 38 places; money has 4, rates of money 8."""


def convert_published(rows: pa.Table) -> pa.Table:
    """Return the rows with whole numbers as bigint, decimals of 18 or 38 digits, and times of microseconds."""
    import pyarrow as pa

    return rows.cast(pa.schema([pa.field(field.name, _find_type(field.type)) for field in rows.schema]))


def _find_type(kind: pa.DataType) -> pa.DataType:
    """Find the type as engines/published_types.py does; a time without a zone stays a wall clock."""
    import pyarrow as pa

    types = pa.types
    if types.is_integer(kind) or (types.is_decimal(kind) and kind.scale == 0):
        return pa.int64()
    if types.is_decimal(kind):
        is_wide = kind.precision > 38
        return pa.decimal128(18 if kind.precision <= 18 else 38, _PLACES if is_wide else kind.scale)
    if types.is_timestamp(kind):
        return pa.timestamp("us", "UTC") if kind.tz else pa.timestamp("us")
    return pa.string() if types.is_large_string(kind) or types.is_null(kind) else kind
