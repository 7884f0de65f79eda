"""A message's value as fields of text: strings as they are, other values as their JSON text, null as None.

Numbers keep the text that the message has them in (1.10 stays 1.10), except inside of lists and objects.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

Fields = dict[str, str | None]


class MalformedError(Exception):
    """A message that cannot be read; the text says why."""


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=_refuse)
_PLAIN = {str, type(None)}
_NESTED = json.JSONDecoder(parse_constant=_refuse)


def decode_json(value: bytes) -> Fields:
    """Read a JSON object. Raises MalformedError."""
    text = _decode_text(value)
    fields = _parse(_DECODER, text)
    if text.isascii() and "\\u" not in text and _PLAIN.issuperset(map(type, fields.values())):
        return fields
    nested = [name for name, held in fields.items() if isinstance(held, dict | list)]
    whole = _parse(_NESTED, text) if nested else fields
    return {name: _as_text(whole[name] if name in nested else held) for name, held in fields.items()}


def parse_object(value: bytes) -> dict[str, Any]:
    """Read a JSON object whose numbers are texts at every level. Raises MalformedError."""
    return _parse(_DECODER, _decode_text(value))


def _decode_text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise MalformedError("not UTF-8") from None


def _parse(decoder: json.JSONDecoder, text: str) -> dict[str, Any]:
    try:
        found = decoder.decode(text)
    except (ValueError, RecursionError):
        raise MalformedError("not valid JSON") from None
    if not isinstance(found, dict) or not found:
        raise MalformedError("not a JSON object with keys")
    return found


def _as_text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:  # half of a surrogate pair, which no UTF-8 file can hold
            raise MalformedError("not valid Unicode") from None
    return text


def as_fields(values: dict[str, Any]) -> Fields:
    """Turn values of whatever type into fields. Raises MalformedError."""
    return {name: _as_text(value) for name, value in values.items()}
