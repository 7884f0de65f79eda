"""What Python makes of rows beside Spark's executors: the function travels, the rows stay."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Converted:
    """A function of tables, as Spark's mapInArrow calls it: batches in, batches of these columns out."""

    convert: Callable[[pa.Table], pa.Table]
    columns: pa.Schema

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        for batch in batches:
            if batch.num_rows:
                made = self.convert(pa.Table.from_batches([batch]))
                yield from made.select(self.columns.names).cast(self.columns).to_batches()
