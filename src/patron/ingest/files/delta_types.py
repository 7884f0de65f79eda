"""Types that Delta tables can hold: the widest of each kind, so that a column may grow in later files."""

from __future__ import annotations

import pyarrow as pa
from pyarrow import types

_WIDER = {
    **dict.fromkeys((pa.int8(), pa.int16(), pa.int32(), pa.uint8(), pa.uint16(), pa.uint32()), pa.int64()),
    pa.uint64(): pa.decimal128(20, 0),
    **dict.fromkeys((pa.float16(), pa.float32()), pa.float64()),
    pa.null(): pa.string(),
    pa.date64(): pa.date32(),
}
_BYTES = (types.is_large_binary, types.is_fixed_size_binary, types.is_binary_view)
_TEXT = (
    *(types.is_large_string, types.is_string_view, types.is_time, types.is_duration, types.is_interval),
    types.is_decimal256,
)


def find_delta_type(type_: pa.DataType) -> pa.DataType:
    """Return the widest Delta type of the same kind that holds every value.

    Times are kept to the microsecond, which is Delta's finest. Times of day and durations become text.
    """
    if type_ in _WIDER:
        return _WIDER[type_]
    if types.is_timestamp(type_):
        return pa.timestamp("us", "UTC" if type_.tz else None)
    if types.is_nested(type_):
        return _find_nested_type(type_)
    if types.is_dictionary(type_):
        return find_delta_type(type_.value_type)
    simple = ((_BYTES, pa.binary()), (_TEXT, pa.string()))
    return next((to for kinds, to in simple if any(is_kind(type_) for is_kind in kinds)), type_)


def _find_nested_type(type_: pa.DataType) -> pa.DataType:
    if types.is_struct(type_):
        return pa.struct([pa.field(part.name, find_delta_type(part.type)) for part in type_])
    if types.is_map(type_):
        return pa.map_(find_delta_type(type_.key_type), find_delta_type(type_.item_type))
    return pa.list_(find_delta_type(type_.value_type))
