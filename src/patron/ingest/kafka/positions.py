"""Where reading a topic goes on: the lake's own positions, compared with what the cluster still has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from patron.errors import SourceError

if TYPE_CHECKING:
    from patron.ingest.kafka.client import Partition
    from patron.lake import BronzeTable


@dataclass(frozen=True)
class Lost:
    """Messages that the cluster deleted before they landed: offsets first to last."""

    origin: str
    first: int
    last: int

    def __str__(self) -> str:
        count = self.last - self.first + 1
        return (
            f"{self.origin}: the cluster deleted up to {count:,} messages before they landed (offsets {self.first:,} "
            f"to {self.last:,}); landing goes on at {self.last + 1:,}"
        )


@dataclass
class Starts:
    """Where to start each partition, and what a person should know of it."""

    offsets: dict[Partition, int] = field(default_factory=dict)
    lost: list[Lost] = field(default_factory=list)
    recreated: list[str] = field(default_factory=list)


def find_starts(bronze: BronzeTable, partitions: Iterable[Partition]) -> Starts:
    """Find the offset after the last that landed, or the first that there is.

    Raises SourceError where a partition ends before what has landed: its cluster has lost messages.
    """
    starts, known = Starts(), _list_known_topics(bronze)
    for partition in partitions:
        landed = bronze.position(partition.position_id)
        starts.offsets[partition] = max(partition.first, landed or 0)
        if landed is None:
            if known.get(partition.topic, partition.topic_id) != partition.topic_id:
                starts.recreated.append(partition.topic)
        elif landed < partition.first:
            starts.lost.append(Lost(partition.display_name, landed, partition.first - 1))
        elif landed > partition.end:
            raise _explain_shortened(partition, landed)
    starts.recreated = list(dict.fromkeys(starts.recreated))
    return starts


def _list_known_topics(bronze: BronzeTable) -> dict[str, str]:
    """Topic -> the id under which it landed last."""
    if not bronze.exists:
        return {}
    known = {}
    for position in bronze.landings():
        topic, _, topic_id = position.id.rpartition("/")[0].removeprefix("kafka:").partition("@")
        known[topic] = topic_id
    return known


def _explain_shortened(partition: Partition, landed: int) -> SourceError:
    what = f"the partition ends at offset {partition.end:,}, and messages up to {landed - 1:,} have landed of it"
    do = (
        "the cluster lost messages, or the topic was created again where topics have no ids; if what it holds now is "
        "to land beside what has landed, make it a source of another name"
    )
    return SourceError(what, where=partition.display_name, do=do)
