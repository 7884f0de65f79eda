"""The result of a query: its column names and rows."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import Any, TextIO


@dataclass(frozen=True)
class Answer:
    """The result of a query: column names and rows."""

    columns: list[str]
    rows: list[tuple[Any, ...]]

    def records(self) -> list[dict[str, Any]]:
        """Return one dict per row, by column."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]

    def write_csv(self, out: TextIO) -> None:
        """Write the rows as CSV with a header."""
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows(self.rows)
