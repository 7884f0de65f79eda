"""A lake into which topics of the tests' broker land."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kafka_broker import KafkaBroker
from patron.ingest.kafka.settings import Kafka
from patron.ingest.kafka.source import TopicSource
from patron.ingest.kafka.stream import TopicStream, land_what_is_there
from patron.ingest.source import Landing
from patron.lake import BronzeTable, Lake

NAME = "events"


@dataclass
class Topics:
    """A broker and a lake."""

    broker: KafkaBroker
    root: Path
    columns: dict[str, Any] = field(default_factory=dict)

    @property
    def lake(self) -> Lake:
        return Lake(self.root)

    def source(self, *topics: str, **settings: Any) -> TopicSource:
        return TopicSource(NAME, Kafka(topics=topics, **settings), **self.columns)

    def land(self, *topics: str, **settings: Any) -> Landing:
        return land_what_is_there(self.lake, self.source(*topics, **settings), lambda _rows: None)

    def follow(self, *topics: str, **settings: Any) -> TopicStream:
        return TopicStream(self.lake, self.source(*topics, **settings))

    def rows(self) -> list[dict[str, Any]]:
        """What bronze holds, in order of arrival."""
        return _read(self.lake.table(NAME)).sort_by("_row_key").to_pylist()

    def places(self) -> list[tuple[str, int, int]]:
        """Where each row stood, in order of topic, partition and offset."""
        return sorted((row["_topic"], row["_partition"], row["_offset"]) for row in self.rows())

    def rejected(self) -> list[dict[str, Any]]:
        table = self.lake.rejected(NAME)
        return _read(table).sort_by("_row_key").to_pylist() if table.exists else []


def _read(table: BronzeTable) -> pa.Table:
    return pa.concat_tables([pq.read_table(file) for file in table.files()], promote_options="default")


@pytest.fixture
def topics(kafka, tmp_path) -> Topics:
    return Topics(kafka, tmp_path / "lake")
