"""Text in one form: an e with its accent is one character, however a file writes it (Unicode's NFC)."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def compose(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Compose the texts of a batch; those that look alike are then equal."""
    columns = [_compose_column(column) for column in batch.columns]
    return pa.RecordBatch.from_arrays(columns, schema=batch.schema)


def _compose_column(column: pa.Array) -> pa.Array:
    is_text = pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
    return pc.utf8_normalize(column, form="NFC") if is_text and not _is_ascii(column) else column


def _is_ascii(column: pa.Array) -> bool:
    text = column.buffers()[2]
    return text is None or not text.size or int(np.frombuffer(text, np.uint8).max()) < 128
