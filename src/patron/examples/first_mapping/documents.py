"""Documents as tables: what lies in objects is a column, and each element of the list of an order's items a row."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from patron.examples.first_mapping.words import NestedName, score

_ENOUGH = 0.8
_ITEM_MEANINGS = ("product_id", "product_name", "quantity", "unit_price", "line_total")


def open_documents(columns: Mapping[str, pa.ChunkedArray]) -> tuple[dict[str, pa.ChunkedArray], str | None]:
    """Open JSON in columns; return the columns, and the list whose elements are the rows, if there is one."""
    parsed = {name: values for name, column in columns.items() if (values := _parse(column)) is not None}
    if not parsed:
        return dict(columns), None
    rows = len(next(iter(columns.values())))
    lists = {name: values for name, values in parsed.items() if any(isinstance(one, list) for one in values)}
    items = max(lists, key=lambda name: _count_telling(name, lists[name]), default=None)
    if items is not None and _count_telling(items, lists[items]) < 2:
        items = None
    elements = [lists[items][row] or [None] for row in range(rows)] if items else [[None]] * rows
    places = [row for row in range(rows) for _ in elements[row]]
    found: dict[str, pa.ChunkedArray] = {}
    for name, column in columns.items():
        if name == items:
            found |= _spread(name, [one for row in elements for one in row])
        elif name in parsed and name not in lists:
            found |= _spread(name, [parsed[name][row] for row in places])
        else:
            found[name] = column.take(pa.array(places))
    return found, items


def _parse(column: pa.ChunkedArray) -> list[Any] | None:
    """Parse the objects or lists of a column of text; None where it holds something else."""
    if not pa.types.is_string(column.type):
        return None
    texts = column.to_pylist()
    marked = [text for text in texts if text and text[0] in "{["]
    if not marked or len(marked) < _ENOUGH * sum(bool(text) for text in texts):
        return None
    try:
        return [json.loads(text) if text else None for text in texts]
    except ValueError:
        return None


def _count_telling(name: str, lists: list[Any]) -> int:
    """Count the meanings of an order's line that the objects of a list have."""
    first = next((one for elements in lists if isinstance(elements, list) for one in elements), None)
    if not isinstance(first, dict):
        return 0
    return sum(any(score(NestedName(f"{name}.{key}"), meaning) for key in first) for meaning in _ITEM_MEANINGS)


def _spread(name: str, objects: list[Any]) -> dict[str, pa.ChunkedArray]:
    """Make a column of each key that holds single values."""
    keys = dict.fromkeys(key for one in objects if isinstance(one, dict) for key in one if "." not in key)
    spread = {}
    for key in keys:
        values = [one.get(key) if isinstance(one, dict) else None for one in objects]
        if not any(isinstance(value, dict | list) for value in values):
            texts = [value if value is None or isinstance(value, str) else json.dumps(value) for value in values]
            spread[NestedName(f"{name}.{key}")] = pa.chunked_array([pa.array(texts, pa.string())])
    return spread  # type: ignore[return-value]
