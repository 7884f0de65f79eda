"""From messages to rows: what each says, and where it stands in its topic."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from patron.ingest.kafka.values import Fields, MalformedError, as_fields, decode_json

if TYPE_CHECKING:
    from patron.ingest.kafka.source import TopicSource


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
    """What a batch of messages came to, in their order. key: the fields that tell rows apart, where they are known."""

    rows: list[Row] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    key: tuple[str, ...] = ()


Decode = Callable[[Any], Iterator[Row]]
"""The rows of one message: one, or none, or the old version and the new one. Raises MalformedError."""


def choose_decoder(source: TopicSource) -> Decode:
    """The way to read messages that the source's settings say."""
    return _PlainDecoder(source.settings.key)


def read_messages(messages: list[Any], decode: Decode) -> Reading:
    """Decode each message, or reject it: a message never stops the others."""
    reading = Reading()
    for message in messages:
        try:
            reading.rows.extend(decode(message))
        except MalformedError as error:
            reading.rejected.append(Rejected(message, str(error)))
    return reading


class _PlainDecoder:
    """A message is a row; with a key, one without a value says that the row of its key is gone."""

    def __init__(self, key: tuple[str, ...]) -> None:
        self._key = key

    def __call__(self, message: Any) -> Iterator[Row]:
        value = message.value()
        if value is not None:
            yield Row(message, self._check_key(decode_json(value)))
        elif self._key:
            yield Row(message, self._read_key(message), is_deleted=True)
        else:
            raise MalformedError("no value (a tombstone), and the source has no key")

    def _check_key(self, fields: Fields) -> Fields:
        missing = [name for name in self._key if fields.get(name) is None]
        if missing:
            raise MalformedError(f"no value for the key {missing[0]!r}")
        return fields

    def _read_key(self, message: Any) -> Fields:
        """The key's fields from the message's own key: a JSON object, or the value of the only one."""
        held = message.key()
        if held is None:
            raise MalformedError("neither a value nor a key")
        if len(self._key) > 1 or held.lstrip()[:1] == b"{":
            fields = decode_json(held)
            return self._check_key({name: fields.get(name) for name in self._key})
        return as_fields({self._key[0]: _decode_scalar(held)})


def _decode_scalar(held: bytes) -> str:
    try:
        return held.decode().strip().strip('"')
    except UnicodeDecodeError:
        raise MalformedError("the key is not UTF-8") from None
