"""Write an audience to a CSV or Parquet file, which replaces an earlier one only once it is complete."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

from patron.contract.outgoing_text import write_cell
from patron.files import replace_file, translate_disk_errors

if TYPE_CHECKING:
    import pyarrow as pa


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
            writer.writerows([write_cell(value) for value in row] for row in zip(*columns, strict=True))


def _write_parquet(table: pa.Table, path: Path) -> None:
    import pyarrow.parquet as pq

    pq.write_table(table, path)
