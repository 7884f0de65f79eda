"""An audience as a file, CSV or Parquet. What was there before stays until the new one is whole."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

from patron.files import replace_file, translate_disk_errors

if TYPE_CHECKING:
    import pyarrow as pa

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""With these a text begins that a spreadsheet may take for a formula."""


def harmless(value: Any) -> Any:
    """A cell of a CSV file: a text that a spreadsheet might run gets an apostrophe before it; numbers stay."""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, dt.date | dt.datetime) else value


def write_file(table: pa.Table, path: Path) -> None:
    """path: ends in .csv (UTF-8, a header, commas) or .parquet. Raises EngineError where the disk refuses."""
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
            writer.writerows([harmless(value) for value in row] for row in zip(*columns, strict=True))


def _write_parquet(table: pa.Table, path: Path) -> None:
    import pyarrow.parquet as pq

    pq.write_table(table, path)
