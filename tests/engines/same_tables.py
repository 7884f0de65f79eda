"""Whether two engines' tables are the same, row by row, whatever order the rows come in."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import Any

import pyarrow as pa

RELATIVE = 1e-12
"""How far two doubles may lie apart: engines add in another order."""


def kind(data_type: pa.DataType) -> str:
    """What a column holds; the width of a whole number, and the digits before a decimal's point, are the engine's."""
    if pa.types.is_integer(data_type) or (pa.types.is_decimal(data_type) and data_type.scale == 0):
        return "whole"
    if pa.types.is_decimal(data_type):
        return f"decimal with {data_type.scale} places"
    return "text" if data_type in (pa.string(), pa.large_string()) else str(data_type)


def kinds(table: pa.Table) -> list[tuple[str, str]]:
    return [(field.name, kind(field.type)) for field in table.schema]


def differences(one: pa.Table, other: pa.Table, relative: float = RELATIVE) -> list[str]:
    """What differs, in words: columns, kinds, the number of rows, and each cell."""
    if kinds(one) != kinds(other):
        return [
            f"{left} is not {right}" for left, right in zip(kinds(one), kinds(other), strict=False) if left != right
        ]
    rows, other_rows = _sorted_rows(one), _sorted_rows(other)
    if len(rows) != len(other_rows):
        return [f"{len(rows)} rows, and {len(other_rows)}"]
    return [
        f"row {place}, {name}: {left!r} is not {right!r}"
        for place, (row, other_row) in enumerate(zip(rows, other_rows, strict=True))
        for name, left, right in zip(one.column_names, row, other_row, strict=True)
        if not _same(left, right, relative)
    ]


def _sorted_rows(table: pa.Table) -> list[list[Any]]:
    return sorted((list(row.values()) for row in table.to_pylist()), key=_sort_key)


def _sort_key(row: list[Any]) -> list[tuple[bool, str]]:
    """Doubles last and rounded, so that the last digit of one does not decide which rows are compared."""
    exact = [_spelled(value) for value in row if not isinstance(value, float)]
    return [(text is None, text or "") for text in exact] + [(False, f"{v:.6g}") for v in row if isinstance(v, float)]


def _spelled(value: Any) -> str | None:
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return f"{Decimal(value):+035.6f}"
    return None if value is None else value.isoformat() if isinstance(value, dt.date) else str(value)


def _same(left: Any, right: Any, relative: float) -> bool:
    if isinstance(left, float) and isinstance(right, float):
        return math.isclose(left, right, rel_tol=relative, abs_tol=0)
    return bool(left == right)
