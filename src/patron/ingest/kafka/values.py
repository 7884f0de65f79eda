"""A message's value as fields of text: strings as they are, other values as their JSON text, null as None.

Numbers keep the text that the message has them in: 1.10 stays 1.10.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
from decimal import Decimal
from typing import Any, NoReturn

Fields = dict[str, str | None]


class MalformedError(Exception):
    """A message that cannot be read; the text says why."""


class Number(str):
    """A number as JSON writes it."""

    __slots__ = ()


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


_DECODER = json.JSONDecoder(parse_float=Number, parse_int=Number, parse_constant=_refuse)
_PLAIN = {str, Number, type(None)}


def parse_json(value: bytes) -> dict[str, Any]:
    """Read a JSON object; its numbers are texts. Raises MalformedError."""
    try:
        found = _DECODER.decode(value.decode())
    except UnicodeDecodeError:
        raise MalformedError("not UTF-8") from None
    except (ValueError, RecursionError):
        raise MalformedError("not valid JSON") from None
    if not isinstance(found, dict) or not found:
        raise MalformedError("not a JSON object with keys")
    if b"\\u" in value:
        _check_unicode(found)
    return found


def _check_unicode(parsed: dict[str, Any]) -> None:
    """Refuse half of a surrogate pair, which only an escape can write and no file can hold."""
    try:
        json.dumps(parsed, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise MalformedError("not valid Unicode") from None


def as_fields(values: dict[str, Any]) -> Fields:
    """Turn values into fields."""
    if _PLAIN.issuperset(map(type, values.values())):
        return values
    return {name: as_text(value) for name, value in values.items()}


def as_text(value: Any) -> str | None:
    """Write one value."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return _write_json(value) if isinstance(value, bool | int | float | dict | list) else str(value)


def _write_json(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{_write_json(str(key))}:{_write_json(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_write_json, value)) + "]"
    if isinstance(value, Number):
        return value
    is_json = value is None or isinstance(value, str | bool | int | float)
    return json.dumps(value if is_json else as_text(value), ensure_ascii=False)
