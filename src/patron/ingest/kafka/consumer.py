"""Reads messages of partitions from where it is told to: no consumer group, no commits to the cluster."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from patron.ingest.kafka.client import Partition
    from patron.ingest.kafka.source import TopicSource

_MOST_BYTES = 64 * 2**20
"""Of messages in one batch: memory stays bounded whatever their size."""
_AT_ONCE = 1000
_OPTIONS = {
    "group.id": "patron",  # the client asks for one; it is never joined
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    "auto.offset.reset": "error",  # an offset that is gone is told, never skipped
    "enable.partition.eof": True,
    "isolation.level": "read_committed",
    "queued.max.messages.kbytes": 65536,  # once so much is waiting, the client stops fetching
    "log_level": 0,
    "client.id": "patron",
}


class OffsetsChangedError(Exception):
    """What the consumer asks for is not there (any more): look at the topics again."""


class Consumer:
    """Reads assigned partitions in order.

    next: (topic, partition) -> the offset that comes next. ends: where reading stops; none: it goes on.
    """

    def __init__(
        self, source: TopicSource, starts: Mapping[Partition, int], ends: Mapping[tuple[str, int], int] | None = None
    ) -> None:
        from confluent_kafka import Consumer as Client
        from confluent_kafka import TopicPartition

        self.next = {(partition.topic, partition.number): offset for partition, offset in starts.items()}
        self.ends = ends
        self.errors: list[Any] = []
        self._client = Client({**source.client_settings(), **_OPTIONS, "error_cb": self.errors.append})
        self._client.assign([TopicPartition(*place, offset) for place, offset in self.next.items()])

    @property
    def is_at_end(self) -> bool:
        """Whether all is read up to the ends."""
        return self.ends is not None and all(self.next[place] >= end for place, end in self.ends.items())

    def read(self, rows: int, seconds: float, is_stopping: Callable[[], bool] = lambda: False) -> list[Any]:
        """Read up to so many messages for at most so long. Raises OffsetsChangedError."""
        messages: list[Any] = []
        size, until = 0, time.monotonic() + seconds
        while len(messages) < rows and size < _MOST_BYTES and not (self.is_at_end or is_stopping()):
            left = until - time.monotonic()
            if left <= 0:
                break
            for message in self._client.consume(min(rows - len(messages), _AT_ONCE), timeout=min(left, 0.2)):
                if self._accept(message):
                    messages.append(message)
                    size += len(message.value() or b"")
        return messages

    def measure_lag(self) -> int:
        """Count the messages that are known to wait, from what the last fetches said."""
        from confluent_kafka import TopicPartition

        lag = 0
        for place, offset in self.next.items():
            _, end = self._client.get_watermark_offsets(TopicPartition(*place), cached=True)
            lag += max(end - offset, 0)
        return lag

    def close(self) -> None:
        with contextlib.suppress(RuntimeError):
            self._client.close()

    def _accept(self, message: Any) -> bool:
        """Note how far a message leads; tell whether it is one to land."""
        place = message.topic(), message.partition()
        if message.error():
            self._note(message, place)
            return False
        if self.ends is not None and message.offset() >= self.ends.get(place, 0):
            self.next[place] = max(self.next[place], self.ends.get(place, 0))
            return False
        self.next[place] = message.offset() + 1
        self.errors.clear()
        return True

    def _note(self, message: Any, place: tuple[str, int]) -> None:
        from confluent_kafka import KafkaError

        code = message.error().code()
        if code == KafkaError._PARTITION_EOF:
            self.next[place] = max(self.next[place], message.offset())
        elif code in (KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN, KafkaError._TIMED_OUT):
            self.errors.append(message.error())
        else:
            raise OffsetsChangedError(message.error().str())
