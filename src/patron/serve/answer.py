"""The result of a query: its column names and rows."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import Any, TextIO

from patron.contract.outgoing_text import write_cell


@dataclass(frozen=True)
class Answer:
    """The result of a query: column names and rows."""

    columns: list[str]
    rows: list[tuple[Any, ...]]

    def records(self) -> list[dict[str, Any]]:
        """Return one dict per row, by column."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]

    def write_csv(self, out: TextIO) -> None:
        """Write the rows as CSV with a header; text that a spreadsheet might run is escaped."""
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(map(write_cell, self.columns))
        writer.writerows(map(_write_row, self.rows))


def _write_row(row: tuple[Any, ...]) -> list[Any]:
    """Write what a csv.writer would, but for text."""
    return [write_cell(value) if isinstance(value, str) else value for value in row]
