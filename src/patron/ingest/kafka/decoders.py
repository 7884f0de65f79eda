"""The ways to read messages, and which of them a source's settings choose."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from patron.ingest.kafka.debezium import ChangeDecoder
from patron.ingest.kafka.registry import choose_parser
from patron.ingest.kafka.rows import Decoder, Parse, Row
from patron.ingest.kafka.values import Fields, MalformedError, as_fields, parse_json

if TYPE_CHECKING:
    from patron.ingest.kafka.source import TopicSource


def choose_decoder(source: TopicSource) -> Decoder:
    """The way to read messages that the source's settings say."""
    parse = choose_parser(source)
    if source.settings.envelope == "debezium":
        return ChangeDecoder(source.settings.key, parse)
    return PlainDecoder(source.settings.key, parse)


class PlainDecoder(Decoder):
    """A message is a row; with a key, one without a value says that the row of its key is gone."""

    def __init__(self, key: tuple[str, ...], parse: Parse) -> None:
        self.key, self._parse = key, parse

    def decode(self, message: Any) -> Iterator[Row]:
        value = message.value()
        if value is not None:
            yield Row(message, self._check_key(as_fields(self._parse(value))))
        elif self.key:
            yield Row(message, self._read_key(message), is_deleted=True)
        else:
            raise MalformedError("no value (a tombstone), and the source has no key")

    def _check_key(self, fields: Fields) -> Fields:
        missing = [name for name in self.key if fields.get(name) is None]
        if missing:
            raise MalformedError(f"no value for the key {missing[0]!r}")
        return fields

    def _read_key(self, message: Any) -> Fields:
        """The key's fields from the message's own key: a JSON object, or the value of the only one."""
        held = message.key()
        if held is None:
            raise MalformedError("neither a value nor a key")
        if len(self.key) > 1 or held.lstrip()[:1] == b"{":
            fields = as_fields(parse_json(held))
            return self._check_key({name: fields.get(name) for name in self.key})
        return {self.key[0]: _decode_scalar(held)}


def _decode_scalar(held: bytes) -> str:
    try:
        return held.decode().strip().strip('"')
    except UnicodeDecodeError:
        raise MalformedError("the key is not UTF-8") from None
