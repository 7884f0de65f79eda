"""The data files of a Delta table, as its log lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from deltalake import DeltaTable

_FACTS = ("path", "size_bytes", "num_records", "min._batch_id", "max._batch_id")


def list_added_files(table: DeltaTable) -> list[dict[str, Any]]:
    """What is known of each file: path, size_bytes, num_records; min. and max._batch_id where the table has batches.

    The statistics of times are left out, and pa.table is not called: either imports pandas, for half a second.
    """
    import pyarrow as pa

    adds = pa.RecordBatchReader.from_stream(table.get_add_actions(flatten=True)).read_all()
    return list(adds.select([name for name in _FACTS if name in adds.column_names]).to_pylist())
