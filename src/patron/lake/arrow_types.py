"""Arrow's types as DuckDB writes them."""

from __future__ import annotations

from typing import Any

_NAMES = {
    **{"bool": "boolean", "int64": "bigint", "double": "double", "string": "varchar", "large_string": "varchar"},
    **{"date32[day]": "date", "timestamp[us]": "timestamp", "timestamp[us, tz=UTC]": "timestamp with time zone"},
    **{"binary": "blob", "int32": "integer", "int16": "smallint", "int8": "tinyint", "float": "float"},
}


def sql_type(arrow_type: Any) -> str:
    """The type of a bronze column in DuckDB's SQL."""
    import pyarrow as pa

    types = pa.types
    if types.is_decimal(arrow_type):
        return f"decimal({arrow_type.precision}, {arrow_type.scale})"
    if types.is_struct(arrow_type):
        return f"struct({', '.join(f'{_quote(part.name)} {sql_type(part.type)}' for part in arrow_type)})"
    if types.is_map(arrow_type):
        return f"map({sql_type(arrow_type.key_type)}, {sql_type(arrow_type.item_type)})"
    if types.is_list(arrow_type) or types.is_large_list(arrow_type):
        return f"{sql_type(arrow_type.value_type)}[]"
    return _NAMES[str(arrow_type)]


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
