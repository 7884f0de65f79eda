"""The columns of a topic's bronze table: where each message stood, then every field that any message has had."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pyarrow as pa

from patron.ingest.column_names import find_missing_columns, make_column_names
from patron.lake import DELETED, HEADER_KEY

if TYPE_CHECKING:
    from patron.ingest.kafka.rows import Row
    from patron.lake import BronzeTable

_PLACE = {
    "_topic": pa.string(),
    "_partition": pa.int64(),
    "_offset": pa.int64(),
    "_message_key": pa.string(),
    "_message_at": pa.timestamp("us", "UTC"),
}
"""The columns that say where a message stood; no field of a message gets their names."""


class Columns:
    """The columns so far. A field keeps its column for good, whatever fields come with it.

    expected: fields that mappings read; their columns exist, NULL, even before a message has them.
    """

    def __init__(self, bronze: BronzeTable, expected: Iterable[str], *, is_changelog: bool) -> None:
        self._fixed = {**_PLACE, DELETED: pa.bool_()} if is_changelog else dict(_PLACE)
        self._written = dict(bronze.headers() if bronze.exists else {})  # field -> column
        self._columns = {name: name for name in self._fixed}  # column -> the field's own name
        self._columns |= {column: field for field, column in self._written.items() if column not in self._fixed}
        self._written = {field: column for field, column in self._written.items() if column not in self._fixed}
        expected = list(expected)
        for name in find_missing_columns(expected, list(self._columns.values())):
            self._add(name)
        self._kept = {name.casefold() for name in make_column_names(expected)}
        self.is_new = not bronze.exists or not bronze.row_count()

    def add_fields(self, rows: Iterable[Row]) -> list[str]:
        """Make room for the rows' fields; return those that get a new column."""
        before = len(self._columns)
        for name in dict.fromkeys(name for row in rows for name in row.fields):
            if name not in self._written:
                self._place(name)
        return list(self._columns.values())[before:]

    def name_all(self, fields: Iterable[str]) -> tuple[str, ...]:
        """The columns of fields; none where any has no column yet."""
        names = [self._written.get(field) for field in fields]
        return () if None in names else tuple(map(str, names))

    @property
    def schema(self) -> pa.Schema:
        """The columns with their types; fields are text."""
        return pa.schema(
            pa.field(column, self._fixed.get(column, pa.string()), metadata={HEADER_KEY: field})
            for column, field in self._columns.items()
        )

    def make_batch(self, rows: list[Row]) -> pa.RecordBatch:
        """Rows as columns, those of the place first."""
        places = zip(*(_describe_place(row) for row in rows), strict=True) if rows else ((),) * (len(_PLACE) + 1)
        arrays = {name: list(values) for name, values in zip([*_PLACE, DELETED], places, strict=True)}
        for column, fields in self._list_fields().items():
            arrays[column] = _take_values(rows, fields)
        schema = self.schema
        return pa.RecordBatch.from_arrays(
            [pa.array(arrays[name], type_) for name, type_ in zip(schema.names, schema.types, strict=True)],
            schema=schema,
        )

    def _list_fields(self) -> dict[str, list[str]]:
        """Column -> the fields that fill it: one, but for a column that was kept under the lake's spelling."""
        found: dict[str, list[str]] = {column: [] for column in self._columns if column not in self._fixed}
        for field, column in self._written.items():
            found[column].append(field)
        return found

    def _place(self, field: str) -> None:
        """Give a field a column: one that was kept for it under the lake's spelling, or its own."""
        (legal,) = make_column_names([field])
        kept = (column for column in self._columns if column.casefold() == legal.casefold())
        column = next(kept, None)
        if column in self._columns and column.casefold() in self._kept and self._columns[column] == column:
            self._written[field] = column
        else:
            self._add(field)

    def _add(self, field: str) -> None:
        *_, column = make_column_names([*self._columns, field])
        self._written[field], self._columns[column] = column, field


def _take_values(rows: list[Row], fields: list[str]) -> list[str | None]:
    first, *others = fields
    values = [row.fields.get(first) for row in rows]
    for field in others:
        values = [row.fields.get(field) if held is None else held for row, held in zip(rows, values, strict=True)]
    return values


def _describe_place(row: Row) -> tuple[object, ...]:
    message = row.message
    kind, at = message.timestamp()
    key = message.key()
    text = None if key is None else key.decode("utf-8", "backslashreplace")
    return message.topic(), message.partition(), message.offset(), text, at * 1000 if kind else None, row.is_deleted
