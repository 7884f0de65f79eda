"""Rows that could not be read, collected during a landing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType

import pyarrow as pa

from patron.lake import ROWS_PER_BATCH

RAW_LIMIT = 2**16
CUT_SHORT = "; the file ends inside this row"
_HELD_ROWS = 10_000
SCHEMA = pa.schema(
    [
        pa.field("line", pa.int64()),
        pa.field("reason", pa.string()),
        pa.field("raw", pa.string()),
        pa.field("_source_file", pa.string()),
        pa.field("_row_key", pa.int64()),
        pa.field("_ingested_at", pa.timestamp("us", "UTC")),
        pa.field("_batch_id", pa.int64()),
    ]
)


@dataclass(frozen=True)
class Run:
    """Consecutive rejected lines of a file, unchanged.

    goes_on: the next run continues this one; a long run is split.
    ends_inside_row: the last of them is the last of the file and has no line end.
    """

    display_name: str
    line: int
    text: bytes
    goes_on: bool = False
    ends_inside_row: bool = False


class Rejects:
    """Collects rejected rows of one batch, on disk beyond the first ten thousand, so a bad file fits too."""

    def __init__(self, path: Path, batch_id: int, ingested_at: datetime) -> None:
        self.rows = 0
        self.reasons: Counter[str] = Counter()
        self._path, self._batch_id, self._ingested_at = path, batch_id, ingested_at
        self._held: list[tuple[int, str, str, str]] = []
        self._writer: pa.RecordBatchWriter | None = None

    def add(self, display_name: str, line: int, reason: str, raw: bytes) -> None:
        r"""Add one row; invalid UTF-8 is written as \xNN, and very long rows are truncated."""
        self._held.append((line, reason, raw[:RAW_LIMIT].decode("utf-8", "backslashreplace"), display_name))
        self.rows += 1
        self.reasons[reason] += 1
        if len(self._held) == _HELD_ROWS:
            self._spill()

    def reader(self) -> pa.RecordBatchReader:
        """Read all rows in the order they were added."""
        if self._writer is None:
            return pa.RecordBatchReader.from_batches(SCHEMA, [self._batch()])
        self._spill()
        self._writer.close()
        return pa.ipc.open_stream(pa.memory_map(str(self._path)))

    def _spill(self) -> None:
        if self._writer is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._writer = pa.ipc.new_stream(str(self._path), SCHEMA)
        self._writer.write_batch(self._batch())
        self._held.clear()

    def _batch(self) -> pa.RecordBatch:
        count = len(self._held)
        first = self._batch_id * ROWS_PER_BATCH + self.rows - count
        lines, reasons, raws, files = zip(*self._held, strict=True) if self._held else ((), (), (), ())
        columns = [
            *(lines, reasons, raws, files, range(first, first + count)),
            *([self._ingested_at] * count, [self._batch_id] * count),
        ]
        arrays = [pa.array(list(values), column.type) for values, column in zip(columns, SCHEMA, strict=True)]
        return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)

    def __enter__(self) -> Rejects:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._writer is not None:
            self._writer.close()
        self._path.unlink(missing_ok=True)
