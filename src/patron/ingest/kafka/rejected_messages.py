"""Messages that could not be read, as the rows of the rejected table: their bytes, their place and the reason."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa

from patron.ingest.kafka.rows import Rejected
from patron.lake import ROWS_PER_BATCH

_SCHEMA = pa.schema(
    [
        pa.field("line", pa.int64()),
        pa.field("reason", pa.string()),
        pa.field("raw", pa.string()),
        pa.field("topic", pa.string()),
        pa.field("partition", pa.int64()),
        pa.field("offset", pa.int64()),
        pa.field("message_key", pa.binary()),
        pa.field("message", pa.binary()),
        pa.field("_source_file", pa.string()),
        pa.field("_row_key", pa.int64()),
        pa.field("_ingested_at", pa.timestamp("us", "UTC")),
        pa.field("_batch_id", pa.int64()),
    ]
)
"""`line`, `reason` and `raw` are as of files; `line` is the offset, `raw` the message as text, cut if it is long."""
_LONGEST_TEXT = 2**16


def make_rejected_rows(rejected: list[Rejected], batch_id: int, now: datetime) -> pa.RecordBatchReader:
    """Make the rows of one batch's rejected messages."""
    first = batch_id * ROWS_PER_BATCH
    rows = [_make_row(each) | {"_row_key": first + place} for place, each in enumerate(rejected)]
    batch = pa.RecordBatch.from_pylist([{**row, "_ingested_at": now, "_batch_id": batch_id} for row in rows], _SCHEMA)
    return pa.RecordBatchReader.from_batches(_SCHEMA, [batch])


def _make_row(rejected: Rejected) -> dict[str, object]:
    message, value = rejected.message, rejected.message.value()
    return {
        "line": message.offset(),
        "reason": rejected.reason,
        "raw": (value or b"")[:_LONGEST_TEXT].decode("utf-8", "backslashreplace"),
        "topic": message.topic(),
        "partition": message.partition(),
        "offset": message.offset(),
        "message_key": message.key(),
        "message": value,
        "_source_file": f"kafka:{message.topic()}/{message.partition()}",
    }
