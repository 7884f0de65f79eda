"""Numbers together with the query that gives them: every printed number comes from gold."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb


Writer = Callable[[Any], str]


@dataclass(frozen=True)
class QueryResult:
    """A select over gold, with the columns and rows that it returned."""

    sql: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...] = field(repr=False)

    def value(self, column: str, row: int = 0) -> Any:
        """Return the value of a column in a row; None if there is no such row."""
        return self.rows[row][self.columns.index(column)] if row < len(self.rows) else None

    def figure(self, column: str, write: Writer, row: int = 0) -> Figure:
        """Return the value as a printed figure."""
        value = self.value(column, row)
        return Figure(value, write(value), self, column, row, write)


@dataclass(frozen=True)
class Figure:
    """A printed number: its value, its text, and the column and row of the result that it comes from."""

    value: Any
    text: str
    result: QueryResult = field(repr=False)
    column: str
    row: int
    write: Writer = field(repr=False)

    def __str__(self) -> str:
        return self.text


def run_query(connection: duckdb.DuckDBPyConnection, sql: str) -> QueryResult:
    """Run a select over gold and fetch all of its rows. Raises duckdb.Error where DuckDB rejects it."""
    text = textwrap.dedent(sql).strip()
    cursor = connection.execute(text)
    columns = tuple(column[0] for column in cursor.description or ())
    return QueryResult(text, columns, tuple(cursor.fetchall()))
