"""A table of a report: rows of cells, each of which is a text, a figure or a bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from patron.serve.report.queries.figures import Figure, QueryResult
from patron.serve.report.sections.charts import Bar

Cell = str | Figure | Bar


@dataclass(frozen=True)
class Row:
    """A row of a table.

    cells: one per column. is_strong: whether it is emphasized, such as a total. below: a second line in the first cell.
    """

    cells: tuple[Cell, ...]
    is_strong: bool = False
    below: str = ""


@dataclass(frozen=True)
class Table:
    """A table with its caption.

    columns: the titles; those of numbers begin with #, and | is a column of bars. results: the queries that the numbers
    come from. note: a remark below the table.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    results: tuple[QueryResult, ...]
    note: str = ""

    @property
    def heads(self) -> list[tuple[str, str]]:
        """Return the CSS class and title of each column."""
        return [_head(column) for column in self.columns]


def _head(column: str) -> tuple[str, str]:
    kinds = {"#": "number", "|": "bar"}
    return (kinds[column[0]], column[1:]) if column[:1] in kinds else ("text", column)


def iterate_rows(result: QueryResult) -> Sequence[int]:
    """Return the row numbers of a result."""
    return range(len(result.rows))
