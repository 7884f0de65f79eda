"""From messages to rows: what each says of which thing, or why it cannot be read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from patron.ingest.kafka.values import Fields, MalformedError

Parse = Callable[[bytes], dict[str, Any]]
"""Read a message's value, or its key, as names and values. Raises MalformedError."""


@dataclass(slots=True)
class Row:
    """What a message says of one thing. is_deleted: that it is gone."""

    message: Any
    fields: Fields
    is_deleted: bool = False


@dataclass(frozen=True)
class Rejected:
    """A message that cannot be read, and why."""

    message: Any
    reason: str


@dataclass
class Reading:
    """What a batch of messages came to, in their order."""

    rows: list[Row] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)


class Decoder(ABC):
    """Reads messages. key: the fields that tell rows apart, as far as they are known."""

    key: tuple[str, ...]

    @abstractmethod
    def decode(self, message: Any) -> Iterator[Row]:
        """Yield the rows of one message: one, or none, or the old version and the new one. Raises MalformedError."""

    def read(self, messages: list[Any]) -> Reading:
        """Decode each message, or reject it: a message never stops the others."""
        reading = Reading()
        for message in messages:
            try:
                reading.rows.extend(list(self.decode(message)))
            except MalformedError as error:
                reading.rejected.append(Rejected(message, str(error)))
        return reading
