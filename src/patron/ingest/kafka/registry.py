"""Messages written by a schema registry's serializers: which schema, and what the bytes behind it say."""

from __future__ import annotations

import base64
import io
import json
import os
import struct
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from patron.errors import SettingsError, SourceError
from patron.ingest.kafka.rows import Parse
from patron.ingest.kafka.values import MalformedError, parse_json
from patron.ingest.source import UnreachableError

if TYPE_CHECKING:
    from patron.ingest.kafka.source import TopicSource

_FRAME = struct.Struct(">bI")
_SECONDS_TO_ANSWER = 10


def choose_parser(source: TopicSource) -> Parse:
    """The way to read values that `format` says. Raises SettingsError where an extra or the registry is missing."""
    if source.settings.format == "avro":
        return AvroParser(source)
    return parse_framed_json if source.settings.format == "json_schema" else parse_json


def parse_framed_json(value: bytes) -> dict[str, Any]:
    """Read JSON behind the id of its schema. Raises MalformedError."""
    return parse_json(_split_frame(value)[1])


def _split_frame(value: bytes) -> tuple[int, bytes]:
    """The schema's id, and what follows it."""
    if len(value) < _FRAME.size or value[0] != 0:
        raise MalformedError("not written by a schema registry's serializer")
    return _FRAME.unpack_from(value)[1], value[_FRAME.size :]


class AvroParser:
    """Reads Avro with the schema that each message names, asked of the registry once."""

    def __init__(self, source: TopicSource) -> None:
        try:
            import fastavro  # noqa: F401
        except ImportError:
            do = "pip install 'patron[kafka]'"
            raise SettingsError("The extra kafka is not installed.", where=source.where, do=do) from None
        self._variable = source.settings.registry
        self._url = os.environ.get(self._variable, "").strip().rstrip("/")
        if not self._url:
            what = (
                f"The environment variable {self._variable} is not set, and the schema registry's URL should be in it."
            )
            raise SettingsError(what, where=source.where, do=f"export {self._variable}=http://host:8081")
        if not self._url.startswith(("http://", "https://")):
            what = f"The environment variable {self._variable} is no URL of a schema registry."
            raise SettingsError(what, where=source.where, do=f"export {self._variable}=http://host:8081")
        self._schemas: dict[int, Any] = {}

    def __call__(self, value: bytes) -> dict[str, Any]:
        import fastavro

        number, body = _split_frame(value)
        schema = self._find_schema(number)
        try:
            found = fastavro.schemaless_reader(io.BytesIO(body), schema, None)
        except (ValueError, TypeError, EOFError, IndexError, KeyError, struct.error, OverflowError, ArithmeticError):
            raise MalformedError(f"not Avro of schema {number}") from None
        if not isinstance(found, dict):
            raise MalformedError("not an Avro record")
        return found

    def _find_schema(self, number: int) -> Any:
        import fastavro

        if number not in self._schemas:
            answer = self._ask(f"/schemas/ids/{number}", number)
            self._schemas[number] = fastavro.parse_schema(json.loads(answer["schema"]))
        return self._schemas[number]

    def _ask(self, path: str, number: int) -> dict[str, Any]:
        """Ask the registry; its login may be in the URL, and is in no error."""
        parts = urlsplit(self._url)
        address = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}{path}"
        request = urllib.request.Request(address)  # noqa: S310  its scheme was checked
        if parts.username:
            login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            request.add_header("Authorization", f"Basic {base64.b64encode(login.encode()).decode()}")
        do = f"check the schema registry that {self._variable} names; what landed is kept"
        try:
            with urllib.request.urlopen(request, timeout=_SECONDS_TO_ANSWER) as answer:  # noqa: S310
                found: dict[str, Any] = json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code == 404:
                raise MalformedError(f"the schema registry has no schema {number}") from None
            raise SourceError(f"The schema registry answers {error.code}.", where=self._variable, do=do) from None
        except (OSError, ValueError):
            raise UnreachableError("The schema registry does not answer.", where=self._variable, do=do) from None
        return found
