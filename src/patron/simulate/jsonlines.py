"""Writes order lines as JSON lines, column by column instead of row by row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from patron.simulate.columns import LINE_SCHEMA

_NUMBERS = frozenset(
    field.name for field in LINE_SCHEMA if pa.types.is_integer(field.type) or pa.types.is_decimal(field.type)
)
_BARE_NUMBER = r"^-?[0-9]+(\.[0-9]+)?$"
_ROWS_AT_ONCE = 250_000


def write_json_lines(table: Any, path: Path) -> None:
    """Write one JSON object per row. Numbers stay numbers; spoiled ones become text."""
    with path.open("wb") as file:
        for begin in range(0, table.num_rows, _ROWS_AT_ONCE):
            rows = _build_objects(table.slice(begin, _ROWS_AT_ONCE).combine_chunks())
            # The text of a string array lies in one buffer, row after row: it is the file's content already.
            first, last = rows.offset, rows.offset + len(rows)
            offsets = memoryview(rows.buffers()[1]).cast("q")
            file.write(memoryview(rows.buffers()[2])[offsets[first] : offsets[last]])


def _build_objects(table: Any) -> Any:
    parts: list[Any] = []
    for name in table.column_names:
        value = _to_value(name, table.column(name).combine_chunks())
        parts += [_to_large_text(f'{", " if parts else "{"}"{name}": '), pc.fill_null(value, _to_large_text("null"))]
    return pc.binary_join_element_wise(*parts, _to_large_text("}\n"), _to_large_text(""))


def _to_value(name: str, column: Any) -> Any:
    """Return the column as JSON values; dictionary values are quoted once each."""
    if pa.types.is_dictionary(column.type):
        return _quote(column.dictionary.cast(pa.large_string())).take(column.indices)
    text = column.cast(pa.string()).cast(pa.large_string())
    if name not in _NUMBERS:
        return _quote(text)
    is_spoiled = pc.invert(pc.match_substring_regex(text, _BARE_NUMBER))
    return pc.if_else(is_spoiled, _quote(text), text) if pc.any(is_spoiled).as_py() else text


def _quote(text: Any) -> Any:
    escaped = pc.replace_substring(pc.replace_substring(text, "\\", "\\\\"), '"', '\\"')
    return pc.binary_join_element_wise(_to_large_text('"'), escaped, _to_large_text('"'), _to_large_text(""))


def _to_large_text(text: str) -> Any:
    return pa.scalar(text, pa.large_string())
