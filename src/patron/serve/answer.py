"""The rows of a query, with the names of their columns."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import Any, TextIO


@dataclass(frozen=True)
class Answer:
    """Column names and rows."""

    columns: list[str]
    rows: list[tuple[Any, ...]]

    def records(self) -> list[dict[str, Any]]:
        """One dict a row."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]

    def write_csv(self, out: TextIO) -> None:
        """Header and rows, comma-separated."""
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows(self.rows)
