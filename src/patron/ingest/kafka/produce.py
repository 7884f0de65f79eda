"""Replays files to a topic: a row is a message, at a chosen rate or in the rows' own time."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from patron.errors import SettingsError, SourceError, did_you_mean
from patron.ingest.source import FileSource

if TYPE_CHECKING:
    from patron.ingest.files.reader import ReadableFile
    from patron.ingest.kafka.source import TopicSource

_QUIET = {"log_level": 0, "client.id": "patron", "enable.idempotence": True, "linger.ms": 5}
_LONGEST_WAIT = 0.2

Message = dict[str, Any]


@dataclass(frozen=True)
class Pace:
    """How fast messages are sent. rate: messages a second; none: as fast as the cluster takes them.

    event_time: the column whose gaps are kept instead, `speed` times as fast. time_format: as of strptime; none: ISO.
    """

    rate: float | None = None
    event_time: str | None = None
    speed: float = 1.0
    time_format: str | None = None


def produce(
    source: TopicSource,
    folder: Path,
    patterns: tuple[str, ...],
    *,
    pace: Pace,
    key: str | None = None,
    partitions: int | None = None,
    is_stopping: Callable[[], bool] = lambda: False,
) -> int:
    """Send every row of the files to the source's first topic; return how many were sent.

    key: the column whose value is the message's key, so that rows of one key stay in order. partitions: the topic is
    created with so many if there is none. Raises SettingsError, SourceError (no file, no topic, cluster unreachable).
    """
    from patron.ingest.kafka.client import import_client

    import_client(source.where)
    messages = read_messages(folder, patterns)
    if pace.event_time:
        messages = iter(sorted(messages, key=lambda row: _read_time(row, pace)))
    _see_topic(source, partitions)
    return _Sender(source, key).send(_wait_between(messages, pace, is_stopping))


def read_messages(folder: Path, patterns: tuple[str, ...]) -> Iterator[Message]:
    """Read the rows of files of any format that patron lands, in the files' order. Raises SourceError."""
    from patron.ingest.files.content_hash import hash_files
    from patron.ingest.files.find_files import match_files
    from patron.ingest.files.formats import FormatOpener

    source = FileSource("files", patterns)
    files = match_files(patterns, folder)
    if not files:
        raise SourceError(f"No file matches {', '.join(patterns)}.", where=str(folder), do="name files to replay")
    opener = FormatOpener(source)
    for fingerprint in hash_files(files):
        yield from _read_rows(opener.open(fingerprint))


def _read_rows(file: ReadableFile) -> Iterator[Message]:
    from patron.ingest.files.reader import list_original_names
    from patron.ingest.files.sample_rows import CountedRejects

    names = list_original_names(file.columns)
    with CountedRejects() as rejects:
        for batch in file.batches(rejects):  # type: ignore[arg-type]
            for values in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                yield dict(zip(names, values, strict=True))


def _see_topic(source: TopicSource, partitions: int | None) -> None:
    from patron.ingest.kafka.client import Cluster

    cluster = Cluster(source)
    if partitions is not None:
        cluster.create_topic(source.topics[0], partitions)
    cluster.read_topic_ids()


def _read_time(row: Message, pace: Pace) -> float:
    """The time of a row, in seconds. Raises SettingsError."""
    name = pace.event_time or ""
    if name not in row:
        do = did_you_mean(name, row, "name a column of the files")
        raise SettingsError(f"The files have no column {name!r}.", where="--event-time", do=do)
    text = str(row[name])
    try:
        return (
            datetime.strptime(text, pace.time_format) if pace.time_format else datetime.fromisoformat(text)
        ).timestamp()
    except ValueError:
        do = "give its format: --time-format '%d-%m-%Y %H:%M'"
        raise SettingsError(f"{text!r} of {name} is not a time.", where="--event-time", do=do) from None


def _wait_between(messages: Iterator[Message], pace: Pace, is_stopping: Callable[[], bool]) -> Iterator[Message]:
    """Yield each message when it is due."""
    start, first = time.monotonic(), None
    for number, message in enumerate(messages):
        due = 0.0
        if pace.event_time:
            at = _read_time(message, pace)
            first = at if first is None else first
            due = (at - first) / pace.speed
        elif pace.rate:
            due = number / pace.rate
        while (left := start + due - time.monotonic()) > 0 and not is_stopping():
            time.sleep(min(left, _LONGEST_WAIT))
        if is_stopping():
            return
        yield message


class _Sender:
    def __init__(self, source: TopicSource, key: str | None) -> None:
        from confluent_kafka import Producer

        self._topic, self._key = source.topics[0], key
        self._where = f"kafka:{self._topic}"
        self._sent, self._failure = 0, ""
        self._client = Producer({**source.client_settings(), **_QUIET})

    def send(self, messages: Iterator[Message]) -> int:
        """Send all, and see that each arrived."""
        for number in itertools.count():
            message = next(messages, None)
            if message is None or self._failure:
                break
            self._send(message)
            if number % 100 == 0:
                self._client.poll(0)
        self._client.flush()
        if self._failure:
            do = "check the topic and the brokers; messages before this one may have been sent"
            raise SourceError(f"A message was not taken: {self._failure}.", where=self._where, do=do)
        return self._sent

    def _send(self, message: Message) -> None:
        value = json.dumps(message, ensure_ascii=False, default=str).encode()
        key = None if self._key is None else str(self._read_key(message)).encode()
        while not self._offer(value, key):
            self._client.poll(_LONGEST_WAIT)

    def _offer(self, value: bytes, key: bytes | None) -> bool:
        """Hand a message to the client; false where as many wait as it holds."""
        try:
            self._client.produce(self._topic, value, key=key, on_delivery=self._note)
        except BufferError:
            return False
        return True

    def _read_key(self, message: Message) -> Any:
        if self._key not in message:
            do = did_you_mean(str(self._key), message, "name a column of the files")
            raise SettingsError(f"The files have no column {self._key!r}.", where="--key", do=do)
        return message[self._key]

    def _note(self, error: Any, _: Any) -> None:
        if error is None:
            self._sent += 1
        elif not self._failure:
            self._failure = error.str()
