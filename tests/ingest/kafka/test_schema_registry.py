"""Messages that a schema registry's serializers write: Avro with the schema that each names, and framed JSON."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from patron.errors import SettingsError
from patron.ingest.source import UnreachableError

SCHEMA = {
    "type": "record", "name": "sale",
    "fields": [
        {"name": "id", "type": "long"},
        {"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "who", "type": ["null", "string"], "default": None},
        {"name": "tags", "type": {"type": "array", "items": "string"}},
    ],
}  # fmt: skip
SALE = {
    "id": 7, "price": Decimal("12.30"), "at": dt.datetime(2024, 1, 1, 10, tzinfo=dt.UTC), "who": None, "tags": ["a"],
}  # fmt: skip


@pytest.fixture
def registry(monkeypatch) -> Iterator[list[str | None]]:
    """A registry that knows schema 5; gives the logins with which it was asked."""
    logins: list[str | None] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            logins.append(self.headers.get("Authorization"))
            is_known = self.path == "/schemas/ids/5"
            body = json.dumps({"schema": json.dumps(SCHEMA)} if is_known else {}).encode()
            self.send_response(200 if is_known else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_): ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("PATRON_SCHEMA_REGISTRY", f"http://ann:s3kret@127.0.0.1:{server.server_port}/")
    yield logins
    server.shutdown()
    server.server_close()


def encode(number: int) -> bytes:
    import fastavro

    body = io.BytesIO()
    fastavro.schemaless_writer(body, fastavro.parse_schema(SCHEMA), SALE)
    return b"\x00" + number.to_bytes(4, "big") + body.getvalue()


def test_avro_lands_with_the_schema_that_the_message_names(topics, registry):
    topic = topics.broker.new_topic()
    topics.broker.send(topic, [encode(5), encode(5), encode(6), encode(5)[:-4], b"{}"])
    landing = topics.land(topic, format="avro")
    assert (landing.rows, landing.rejected_rows) == (2, 3)
    row = topics.rows()[0]
    assert [row[name] for name in ("id", "price", "at", "who", "tags")] == [
        "7", "12.30", "2024-01-01 10:00:00+00:00", None, '["a"]'
    ]  # fmt: skip
    assert {row["reason"] for row in topics.rejected()} == {
        "the schema registry has no schema 6", "not Avro of schema 5", "not written by a schema registry's serializer"
    }  # fmt: skip
    assert set(registry) == {"Basic YW5uOnMza3JldA=="}
    assert len(registry) == 2


def test_a_registry_that_does_not_answer_rejects_nothing(topics, monkeypatch):
    topic = topics.broker.new_topic()
    topics.broker.send(topic, [encode(5)])
    monkeypatch.setenv("PATRON_SCHEMA_REGISTRY", "http://ann:s3kret@127.0.0.1:9")
    with pytest.raises(UnreachableError) as caught:
        topics.land(topic, format="avro")
    assert "s3kret" not in str(caught.value)
    assert topics.rejected() == []
    monkeypatch.setenv("PATRON_SCHEMA_REGISTRY", "file:///etc/hosts")
    with pytest.raises(SettingsError, match="no URL of a schema registry"):
        topics.land(topic, format="avro")
    monkeypatch.delenv("PATRON_SCHEMA_REGISTRY")
    with pytest.raises(SettingsError, match="PATRON_SCHEMA_REGISTRY is not set"):
        topics.land(topic, format="avro")


def test_json_behind_the_id_of_its_schema_lands(topics):
    topic = topics.broker.new_topic()
    topics.broker.send(topic, [b'\x00\x00\x00\x00\x09{"id": 1}', b'{"id": 2}'])
    assert topics.land(topic, format="json_schema").rejected_rows == 1
    assert [row["id"] for row in topics.rows()] == ["1"]
