"""Debezium's envelope: what a change of a table's row says, and which columns are the table's key."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from patron.ingest.kafka.rows import Decoder, Parse, Row
from patron.ingest.kafka.values import Fields, MalformedError, as_fields

_NO_ROWS = ("m",)
"""Messages of the database's own log, which no row is behind."""
_CONNECT, _TIME = "org.apache.kafka.connect.data.", "io.debezium.time."


class ChangeDecoder(Decoder):
    """Reads changes: create, update, delete and snapshot reads; a tombstone deletes by the message's key.

    An update with the row as it was lands as two rows, the old version as deleted and then the new one, as changes of
    a table that patron itself reads do.
    """

    def __init__(self, key: tuple[str, ...], parse: Parse) -> None:
        self.key, self._parse, self._has_own_key = key, parse, bool(key)

    def decode(self, message: Any) -> Iterator[Row]:
        key = self._read_key(message)
        if message.value() is None:
            if not key:
                raise MalformedError("neither a value nor a key")
            yield Row(message, key, is_deleted=True)
            return
        schema, change = _unwrap(self._parse(message.value()))
        operation = change.get("op")
        if operation not in ("c", "r", "u", "d", *_NO_ROWS):
            what = "a truncated table: its rows are not deleted here" if operation == "t" else "no change by Debezium"
            raise MalformedError(what)
        if operation in _NO_ROWS:
            return
        before = _read_image(change.get("before"), _list_types(schema, "before"))
        if before or operation == "d":
            yield Row(message, before or self._need(key), is_deleted=True)
        if operation != "d":
            yield Row(message, self._need(_read_image(change.get("after"), _list_types(schema, "after"))))

    def _read_key(self, message: Any) -> Fields:
        """Read the message's key, which is the table's."""
        if message.key() is None:
            return {}
        try:
            schema, held = _unwrap(self._parse(message.key()))
        except MalformedError:
            if self._has_own_key:
                return {}
            raise
        fields = _read_image(held, _list_types(schema))
        if not self._has_own_key:
            self.key = tuple(fields)
        return fields

    def _need(self, fields: Fields) -> Fields:
        if not fields:
            raise MalformedError("a change without the row")
        return fields


def _unwrap(parsed: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The schema and the payload of a message; converters may write the payload alone."""
    payload = parsed.get("payload")
    if isinstance(payload, dict) and isinstance(parsed.get("schema"), dict):
        return parsed["schema"], payload
    return {}, parsed


def _list_types(schema: dict[str, Any], image: str | None = None) -> dict[str, dict[str, Any]]:
    """Field -> its schema, of the key or of an image of the row."""
    fields = {str(each.get("field")): each for each in schema.get("fields", []) if isinstance(each, dict)}
    return fields if image is None else _list_types(fields.get(image, {}))


def _read_image(image: Any, types: dict[str, dict[str, Any]]) -> Fields:
    if not isinstance(image, dict):
        return {}
    return as_fields({name: _convert(value, types.get(name, {})) for name, value in image.items()})


def _convert(value: Any, type_: dict[str, Any]) -> Any:
    """A value of one of Connect's or Debezium's types as what it stands for. Raises MalformedError."""
    convert = _CONVERSIONS.get(type_.get("name", ""))
    if convert is None or value is None:
        return value
    try:
        return convert(value, type_.get("parameters") or {})
    except (ValueError, TypeError, ArithmeticError, KeyError):
        raise MalformedError(f"no value of {type_['name']}") from None


def _read_decimal(value: Any, parameters: dict[str, Any]) -> Decimal:
    digits = int.from_bytes(base64.b64decode(value), "big", signed=True)
    return Decimal(digits).scaleb(-int(parameters["scale"]))


def _count_from_epoch(unit: str, **options: bool) -> Callable[[Any, dict[str, Any]], Any]:
    def convert(value: Any, _: dict[str, Any]) -> Any:
        at = dt.datetime(1970, 1, 1) + dt.timedelta(**{unit: int(value)})
        return at.date() if options.get("is_date") else at

    return convert


_CONVERSIONS: dict[str, Callable[[Any, dict[str, Any]], Any]] = {
    _CONNECT + "Decimal": _read_decimal,
    _CONNECT + "Date": _count_from_epoch("days", is_date=True),
    _CONNECT + "Timestamp": _count_from_epoch("milliseconds"),
    _TIME + "Date": _count_from_epoch("days", is_date=True),
    _TIME + "Timestamp": _count_from_epoch("milliseconds"),
    _TIME + "MicroTimestamp": _count_from_epoch("microseconds"),
}
