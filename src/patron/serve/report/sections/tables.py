"""A table of a report: rows of cells, each a text or a figure with its query, perhaps with a bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from patron.serve.report.queries.figures import Asked, Figure
from patron.serve.report.sections.charts import Bar

Cell = str | Figure | Bar


@dataclass(frozen=True)
class Row:
    """cells: as many as there are columns. is_strong: a total, or what the report is about.

    below: a second line in the first cell, in small letters.
    """

    cells: tuple[Cell, ...]
    is_strong: bool = False
    below: str = ""


@dataclass(frozen=True)
class Table:
    """caption: what it shows. columns: their titles; those that begin with a # hold numbers, | a bar.

    asked: the queries that its numbers come from. note: what a reader must know, below it.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    asked: tuple[Asked, ...]
    note: str = ""

    @property
    def heads(self) -> list[tuple[str, str]]:
        """Class and title of each column."""
        return [_head(column) for column in self.columns]


def _head(column: str) -> tuple[str, str]:
    kinds = {"#": "number", "|": "bar"}
    return (kinds[column[0]], column[1:]) if column[:1] in kinds else ("text", column)


def iterate_rows(asked: Asked) -> Sequence[int]:
    """The numbers of an answer's rows."""
    return range(len(asked.rows))
