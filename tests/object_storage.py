"""An S3 server of the tests' own on loopback, and a proxy before it that fails as networks and clouds do."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

_EXPIRED = (
    b'<?xml version="1.0"?><Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>'
)
_NO_BUCKET = (
    b'<?xml version="1.0"?><Error><Code>NoSuchBucket</Code>'
    b"<Message>The specified bucket does not exist</Message></Error>"
)
ANSWERS = {"expired": (400, _EXPIRED), "no_bucket": (404, _NO_BUCKET), "unavailable": (503, b"")}

Fault = Callable[[str, str], str | None]
"""(method, path with query) -> what goes wrong: a key of ANSWERS, `lost` (done, and the answer is 503), `slow`."""


class FaultyProxy(ThreadingHTTPServer):
    """Hands requests on to the server, unless the fault of the moment says otherwise. asked: what came, in order."""

    daemon_threads = True

    def __init__(self, target: int) -> None:
        self.target, self.asked = target, list[tuple[str, str]]()
        self.fault: Fault = lambda _method, _path: None
        self.hidden = list[bytes]()
        super().__init__(("127.0.0.1", 0), _Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FaultyProxy

    def _answer(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.asked.append((self.command, self.path))
        fault = self.server.fault(self.command, self.path)
        if fault in ANSWERS:
            self._send(*ANSWERS[fault], {})
            return
        if fault == "slow":
            time.sleep(1)
        status, answer, headers = self._hand_on(content)
        if fault == "lost":
            status, answer, headers = 503, b"", {}
        self._send(status, answer, headers)

    def _hand_on(self, content: bytes) -> tuple[int, bytes, dict[str, str]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.target, timeout=60)
        with contextlib.closing(connection):
            connection.request(self.command, self.path, content, dict(self.headers))
            answer = connection.getresponse()
            body = answer.read()
        if self.command == "GET" and "list-type" in self.path:
            body = _hide(body, self.server.hidden)
        return answer.status, body, dict(answer.getheaders())

    def _send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.send_response_only(status)
            for name, value in headers.items():
                if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                    self.send_header(name, value)
            is_head = self.command == "HEAD" and status < 300
            length = headers.get("Content-Length", "0") if is_head else str(len(content))
            self.send_header("Content-Length", length)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _answer  # noqa: N815

    def log_message(self, *_: object) -> None: ...


def _hide(listing: bytes, hidden: list[bytes]) -> bytes:
    """Take objects out of a listing, which lags behind what was written."""
    for key in hidden:
        before, found, after = listing.partition(b"<Key>" + key + b"</Key>")
        if found:
            listing = before.rpartition(b"<Contents>")[0] + after.partition(b"</Contents>")[2]
    return listing


@dataclass
class TestBucket:
    """A bucket of a test's own."""

    __test__ = False
    name: str
    proxy: FaultyProxy
    client: object = field(repr=False)

    @property
    def url(self) -> str:
        return f"s3://{self.name}"

    def put(self, key: str, content: str | bytes) -> None:
        data = content.encode() if isinstance(content, str) else content
        self.client.put_object(Bucket=self.name, Key=key, Body=data)  # type: ignore[attr-defined]

    def delete(self, key: str) -> None:
        self.client.delete_object(Bucket=self.name, Key=key)  # type: ignore[attr-defined]

    def read(self, key: str) -> bytes:
        return self.client.get_object(Bucket=self.name, Key=key)["Body"].read()  # type: ignore[attr-defined]

    def keys(self, prefix: str = "") -> list[str]:
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=prefix)  # type: ignore[attr-defined]
        return sorted(each["Key"] for page in pages for each in page.get("Contents", ()))


class S3Server:
    """moto's server in a thread, with a proxy before it."""

    def __init__(self) -> None:
        pytest.importorskip("obstore")
        server = pytest.importorskip("moto.server")
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._server = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self._server.start()
        self.port = self._server.get_host_and_port()[1]
        self.proxy = FaultyProxy(self.port)
        self._names = (f"shop-{number}" for number in itertools.count(1))

    def new_bucket(self) -> TestBucket:
        import boto3

        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
        client = boto3.client("s3", endpoint_url=f"http://127.0.0.1:{self.port}", **keys)
        name = next(self._names)
        client.create_bucket(Bucket=name)
        self.proxy.fault, self.proxy.hidden = (lambda _method, _path: None), []
        self.proxy.asked.clear()
        return TestBucket(name, self.proxy, client)

    def stop(self) -> None:
        self.proxy.shutdown()
        self.proxy.server_close()
        self._server.stop()


def started() -> Iterator[S3Server]:
    server = S3Server()
    yield server
    server.stop()


ENVIRONMENT = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}
