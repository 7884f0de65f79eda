"""Follows topics: reads, lands, and picks up again from the lake's positions whatever happened in between."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from patron.errors import SourceError
from patron.ingest.kafka.client import Cluster, Partition
from patron.ingest.kafka.consumer import Consumer, OffsetsChangedError
from patron.ingest.kafka.land import LandedBatch, MessageLander
from patron.ingest.kafka.positions import Lost, find_starts
from patron.ingest.source import Landing

if TYPE_CHECKING:
    from patron.ingest.kafka.source import TopicSource
    from patron.ingest.source import OnProgress
    from patron.lake import Lake

_ROWS_AT_ONCE = 100_000
"""Messages in a commit of `patron run`, which has many waiting."""
_SECONDS_WITHOUT_NEWS = 30
_SECONDS_BETWEEN_LOOKS = 30
_SECONDS_BEFORE_RETRY = 1.0


def land_what_is_there(lake: Lake, source: TopicSource, on_progress: OnProgress) -> Landing:
    """Land everything up to where the topics end now. Raises SourceError; then what landed before is kept."""
    landing = Landing(source.name)
    with contextlib.closing(TopicStream(lake, source, to_the_end=True)) as stream:
        heard = time.monotonic()
        stream.open()
        while not stream.is_at_end:
            landed = stream.land(_ROWS_AT_ONCE, seconds=2)
            _add(landing, landed)
            on_progress(landing.rows)
            heard = time.monotonic() if landed.messages else heard
            if time.monotonic() - heard > _SECONDS_WITHOUT_NEWS:
                raise stream.explain_silence()
        landing.topics_landed = len(source.topics) if landing.rows_read else 0
        landing.warnings += [f"{source.name}: {warning}" for warning in stream.take_warnings()]
        landing.warnings += _warn_of_rejected(landing, stream.reasons)
    return landing


def _add(landing: Landing, landed: LandedBatch) -> None:
    landing.rows += landed.rows
    landing.deleted_rows += landed.deleted_rows
    landing.rejected_rows += landed.rejected
    landing.rows_read += landed.messages
    landing.batch_ids += [landed.batch_id] if landed.batch_id else []


def _warn_of_rejected(landing: Landing, reasons: dict[str, int]) -> list[str]:
    if not landing.rejected_rows:
        return []
    why = ", ".join(f"{count:,} {reason}" for reason, count in sorted(reasons.items()))
    return [f"{landing.source}: {landing.rejected_rows:,} of {landing.rows_read:,} messages were rejected ({why})"]


@dataclass
class _Opened:
    """Topics as they were when reading began. starts: where each partition began."""

    consumer: Consumer
    partitions: dict[tuple[str, int], Partition]
    lost: list[Lost] = field(default_factory=list)


class TopicStream:
    """Follows a source's topics. to_the_end: only up to where they end at first.

    Partitions are assigned by hand and offsets are kept in the lake alone. So nothing that the cluster or another
    process does moves them, and after any trouble reading starts again from what is committed.
    """

    def __init__(self, lake: Lake, source: TopicSource, *, to_the_end: bool = False) -> None:
        self.source, self.reasons = source, dict[str, int]()
        self._to_the_end = to_the_end
        self._lander = MessageLander(lake, source)
        self._cluster = Cluster(source)
        self._opened: _Opened | None = None
        self._looked_at = 0.0
        self._warnings: dict[str, None] = {}

    def open(self) -> None:
        """Look at the topics and start where the lake says. Raises SourceError, SettingsError."""
        self.close()
        partitions = self._cluster.list_partitions()
        starts = find_starts(self._lander.bronze, partitions)
        if starts.lost and self.source.settings.lost == "stop":
            do = "set kafka.lost to warn to go on without them"
            raise SourceError(str(starts.lost[0]), where=starts.lost[0].origin, do=do)
        self._tell([str(each) for each in starts.lost])
        self._tell(f"the topic {topic} was created again; it lands from its start" for topic in starts.recreated)
        ends = {(one.topic, one.number): one.end for one in partitions} if self._to_the_end else None
        consumer = Consumer(self.source, starts.offsets, ends)
        self._opened = _Opened(consumer, {(one.topic, one.number): one for one in partitions}, starts.lost)
        self._looked_at = time.monotonic()
        if not self._lander.bronze.exists:
            self._lander.land_nothing(partitions)

    @property
    def is_at_end(self) -> bool:
        return self._opened is not None and self._opened.consumer.is_at_end

    @property
    def lag(self) -> int:
        """Messages that wait to be landed, as far as is known."""
        return self._opened.consumer.measure_lag() if self._opened else 0

    def land(self, rows: int, seconds: float, is_stopping: Callable[[], bool] = lambda: False) -> LandedBatch:
        """Read for at most so long and commit what came. With trouble, start again from the lake's positions.

        Raises SourceError where the cluster refuses or does not answer; nothing of the batch has landed.
        """
        if self._opened is None or self._has_changed(self._opened):
            self.open()
        assert self._opened
        opened = self._opened
        try:
            messages = opened.consumer.read(rows, seconds, is_stopping)
        except OffsetsChangedError:
            self.close()
            time.sleep(_SECONDS_BEFORE_RETRY)
            return LandedBatch()
        if not messages or not self._is_same_topics(opened):
            return LandedBatch()
        landed = self._lander.land(messages, opened.partitions, opened.lost)
        opened.lost = []
        self._count(landed)
        return landed

    def follow(self, is_stopping: Callable[[], bool]) -> LandedBatch:
        """Land one batch as the settings say. Raises as `land` does; the next call starts again from the lake."""
        settings = self.source.settings
        try:
            landed = self.land(settings.batch_rows, settings.batch_seconds, is_stopping)
        except SourceError:
            self.close()
            raise
        if self._opened and self._opened.consumer.errors and not landed.messages:
            self._tell(["the brokers do not answer; waiting for them"])
        return landed

    def take_warnings(self) -> list[str]:
        """What a person should know, each once."""
        told = list(self._warnings)
        self._warnings.clear()
        return told

    def explain_silence(self) -> SourceError:
        """Say why nothing comes although messages should."""
        errors = self._opened.consumer.errors if self._opened else []
        if errors:
            return self._cluster.explain(errors[-1])
        what = f"no message came for {_SECONDS_WITHOUT_NEWS} s, although the topics hold more"
        return SourceError(what, where=f"kafka:{','.join(self.source.topics)}", do="run again; what landed is kept")

    def close(self) -> None:
        if self._opened:
            self._opened.consumer.close()
        self._opened = None

    def _has_changed(self, opened: _Opened) -> bool:
        """Look, now and then, whether the topics have other partitions than those that are read."""
        if self._to_the_end or time.monotonic() - self._looked_at <= _SECONDS_BETWEEN_LOOKS:
            return False
        self._looked_at = time.monotonic()
        here = {partition.position_id for partition in self._cluster.list_partitions()}
        return here != {partition.position_id for partition in opened.partitions.values()}

    def _is_same_topics(self, opened: _Opened) -> bool:
        """See that the topics are those that were read: a topic may be deleted and created again meanwhile."""
        ids = self._cluster.read_topic_ids()
        if all(ids[one.topic] == one.topic_id for one in opened.partitions.values()):
            return True
        self._tell([f"topics of {self.source.name} were created again while messages were read; those are left"])
        self.close()
        return False

    def _tell(self, warnings: object) -> None:
        self._warnings |= dict.fromkeys(warnings)  # type: ignore[call-overload]

    def _count(self, landed: LandedBatch) -> None:
        for reason, count in landed.reasons.items():
            self.reasons[reason] = self.reasons.get(reason, 0) + count
        self._tell(f"the field {name!r} is new; it is NULL in earlier rows" for name in landed.new_columns)
