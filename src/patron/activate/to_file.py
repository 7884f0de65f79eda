"""Write an audience to a CSV or Parquet file, which replaces an earlier one only once it is complete."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

from patron.files import replace_file, translate_disk_errors

if TYPE_CHECKING:
    import pyarrow as pa

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A spreadsheet may run a text that begins with one of these as a formula."""


def escape_formula(value: Any) -> Any:
    """Format a CSV cell: a text that a spreadsheet might run as a formula gets an apostrophe first; numbers stay."""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, dt.date | dt.datetime) else value


def write_file(table: pa.Table, path: Path) -> None:
    """Write a table to a path that ends in .csv (UTF-8, a header, commas) or .parquet.

    Raises EngineError if the disk refuses.
    """
    write = {".csv": _write_csv, ".parquet": _write_parquet}[path.suffix.lower()]
    with translate_disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with replace_file(path) as new:
            write(table, new)


def _write_csv(table: pa.Table, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(table.column_names)
        for batch in table.to_batches():
            columns = [column.to_pylist() for column in batch.columns]
            writer.writerows([escape_formula(value) for value in row] for row in zip(*columns, strict=True))


def _write_parquet(table: pa.Table, path: Path) -> None:
    import pyarrow.parquet as pq

    pq.write_table(table, path)
