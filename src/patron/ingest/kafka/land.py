"""Lands batches of messages: rows and offsets in one commit, so that each message lands once whatever dies when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from patron.ingest.bronze_rows import Stamp
from patron.ingest.kafka.columns import Columns
from patron.ingest.kafka.decoders import choose_decoder
from patron.ingest.kafka.rejected_messages import make_rejected_rows
from patron.ingest.kafka.rows import Reading
from patron.lake import Lake, Position

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.ingest.kafka.client import Partition
    from patron.ingest.kafka.positions import Lost
    from patron.ingest.kafka.source import TopicSource
    from patron.lake import Staged


@dataclass
class LandedBatch:
    """What one commit brought."""

    batch_id: int = 0
    messages: int = 0
    rows: int = 0
    deleted_rows: int = 0
    rejected: int = 0
    new_columns: list[str] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)


class MessageLander:
    """Lands a source's messages, a batch at a time. The caller holds the project's lock."""

    def __init__(self, lake: Lake, source: TopicSource) -> None:
        self._lake, self._source, self._decoder = lake, source, choose_decoder(source)
        self.bronze, self._rejected = lake.table(source.name), lake.rejected(source.name)
        expected = [*source.required_columns, *source.optional_columns, *source.settings.key]
        self._columns = Columns(self.bronze, expected, is_changelog=source.is_changelog)
        self._key = tuple(self.bronze.source_key())
        if self._rejected.exists:
            # A process killed between its two commits left rejected messages that land again.
            landed = self.bronze.batch_ids() if self.bronze.exists else set()
            self._rejected.discard_batches(self._rejected.batch_ids() - landed)

    def land(
        self, messages: list[Any], partitions: Mapping[tuple[str, int], Partition], lost: list[Lost]
    ) -> LandedBatch:
        """Commit a batch with how far it leads in each partition. lost: recorded in the same commit.

        Rejected messages are committed first: without the second commit they do not count.
        Raises EngineError, LockedError; then nothing of the batch has landed.
        """
        reading = self._decoder.read(messages)
        new = self._columns.add_fields(reading.rows)
        batch_id, now = self._lake.next_batch_id(), datetime.now(UTC)
        positions = _list_positions(messages, reading, partitions, self._name_key())
        if reading.rejected:
            rejected = [
                replace(one, id=f"{one.id}@{batch_id}", rows=one.rejected_rows, key=())
                for one in positions
                if one.rejected_rows
            ]
            rows = make_rejected_rows(reading.rejected, batch_id, now)
            self._rejected.append(rows, positions=rejected, batch_id=batch_id)
            self._lake.remember(self._rejected, batch_id)
        summary = {"lost": [str(each) for each in lost]} if lost else None
        self.bronze.commit(self._stage(reading, batch_id, now), positions=positions, batch_id=batch_id, summary=summary)
        self._lake.remember(self.bronze, batch_id)
        is_first = self._columns.is_new
        self._columns.is_new = is_first and not reading.rows
        return LandedBatch(
            batch_id,
            len(messages),
            len(reading.rows),
            sum(row.is_deleted for row in reading.rows),
            len(reading.rejected),
            [] if is_first else new,
            Counter(each.reason for each in reading.rejected),
        )

    def land_nothing(self, partitions: list[Partition]) -> None:
        """Commit the columns that mappings read, so that topics which have had no message can be mapped."""
        batch_id = self._lake.next_batch_id()
        positions = [Position(one.position_id, one.first, one.display_name) for one in partitions]
        staged = self._stage(Reading(), batch_id, datetime.now(UTC))
        self.bronze.commit(staged, positions=positions, batch_id=batch_id)

    def _stage(self, reading: Reading, batch_id: int, now: datetime) -> Staged:
        import pyarrow as pa

        stamp = Stamp(self._columns.schema, batch_id, now)
        batch = self._stamp(stamp, self._columns.make_batch(reading.rows), reading)
        return self.bronze.stage(pa.RecordBatchReader.from_batches(stamp.schema, [batch] if reading.rows else []))

    def _stamp(self, stamp: Stamp, batch: pa.RecordBatch, reading: Reading) -> pa.RecordBatch:
        import pyarrow as pa

        stamped = stamp.stamp(batch, "")
        origins = [f"kafka:{row.message.topic()}/{row.message.partition()}" for row in reading.rows]
        place = stamped.schema.get_field_index("_source_file")
        arrays = [
            pa.array(origins, pa.string()) if number == place else array for number, array in enumerate(stamped.columns)
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=stamped.schema)

    def _name_key(self) -> tuple[str, ...]:
        """The columns that tell rows apart, as bronze spells them; until a message tells, those of the last landing."""
        self._key = self._columns.name_all(self._decoder.key) or self._key
        return self._key


def _list_positions(
    messages: list[Any], reading: Reading, partitions: Mapping[tuple[str, int], Partition], key: tuple[str, ...]
) -> list[Position]:
    """How far the batch leads in each of its partitions, and what it brings of each."""
    ends = {(message.topic(), message.partition()): message.offset() + 1 for message in messages}
    rows = Counter((row.message.topic(), row.message.partition()) for row in reading.rows)
    rejected = Counter((each.message.topic(), each.message.partition()) for each in reading.rejected)
    return [
        Position(partitions[place].position_id, end, partitions[place].display_name, rows[place], rejected[place], key)
        for place, end in ends.items()
    ]
