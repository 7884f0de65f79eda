"""An S3 server of the tests' own on loopback, and a proxy before it that fails as networks and clouds do."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

_EXPIRED = (
    b'<?xml version="1.0"?><Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>'
)
_NO_BUCKET = (
    b'<?xml version="1.0"?><Error><Code>NoSuchBucket</Code>'
    b"<Message>The specified bucket does not exist</Message></Error>"
)
ANSWERS = {"expired": (400, _EXPIRED), "no_bucket": (404, _NO_BUCKET), "unavailable": (503, b"")}

WAITS = {"slow": 0.5, "hang": 20}
CONTROL = "/.control"


@dataclass
class Rule:
    """What goes wrong. fault: a key of ANSWERS; `lost`: done, and answered 503; `slow`; `rewrite`: `content` first.

    at: part of the path. methods: empty for all. times: how often; None for ever. every: of so many requests, one.
    """

    fault: str
    at: str = ""
    methods: tuple[str, ...] = ()
    times: int | None = None
    every: int = 1
    content: str = ""
    not_at: str = "\0"
    seen: int = 0

    def applies(self, method: str, path: str) -> bool:
        if self.at not in path or self.not_at in path or (self.methods and method not in self.methods):
            return False
        self.seen += 1
        hits = (self.seen - 1) // self.every + 1
        return (self.seen - 1) % self.every == 0 and (self.times is None or hits <= self.times)


class FaultyProxy(ThreadingHTTPServer):
    """Hands requests on to the server, unless a rule says otherwise."""

    daemon_threads = True

    def __init__(self, target: int) -> None:
        self.target, self.lock = target, threading.Lock()
        self.rules, self.hidden, self.asked = list[Rule](), list[str](), list[tuple[str, str]]()
        super().__init__(("127.0.0.1", 0), _Handler)

    def find_rule(self, method: str, path: str) -> Rule:
        with self.lock:
            self.asked.append((method, path))
            return next((rule for rule in self.rules if rule.applies(method, path)), Rule("none"))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FaultyProxy

    def _answer(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == CONTROL:
            self._send(200, self._control(content), {})
            return
        rule = self.server.find_rule(self.command, self.path)
        if rule.fault in ANSWERS:
            self._send(*ANSWERS[rule.fault], {})
            return
        if rule.fault in WAITS:
            time.sleep(WAITS[rule.fault])
        if rule.fault == "rewrite":
            unconditional = {k: v for k, v in self.headers.items() if k.lower() not in ("if-match", "content-length")}
            self._hand_on("PUT", rule.content.encode(), unconditional)
        status, answer, headers = self._hand_on(self.command, content, dict(self.headers))
        if rule.fault == "lost":
            status, answer, headers = 503, b"", {}
        self._send(status, answer, headers)

    def _control(self, content: bytes) -> bytes:
        with self.server.lock:
            asked = json.dumps(self.server.asked).encode()
            if content:
                told = json.loads(content)
                self.server.rules = [Rule(**rule) for rule in told["rules"]]
                self.server.hidden = told["hidden"]
                self.server.asked.clear()
            return asked

    def _hand_on(self, method: str, content: bytes, headers: dict[str, str]) -> tuple[int, bytes, dict[str, str]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.target, timeout=60)
        with contextlib.closing(connection):
            connection.request(method, self.path, content, headers)
            answer = connection.getresponse()
            body = answer.read()
        if method == "GET" and "list-type" in self.path:
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


def _hide(listing: bytes, hidden: list[str]) -> bytes:
    """Take objects out of a listing, which lags behind what was written."""
    for key in hidden:
        before, found, after = listing.partition(f"<Key>{key}</Key>".encode())
        if found:
            listing = before.rpartition(b"<Contents>")[0] + after.partition(b"</Contents>")[2]
    return listing


@dataclass
class TestBucket:
    """A bucket of a test's own."""

    __test__ = False
    name: str
    port: int
    client: Any = field(repr=False)

    @property
    def url(self) -> str:
        return f"s3://{self.name}"

    def fail(self, *rules: Rule, hidden: Sequence[str] = ()) -> None:
        """Let requests fail by rules, instead of those before; forget what was asked."""
        self._control(json.dumps({"rules": [asdict(rule) for rule in rules], "hidden": list(hidden)}))

    def asked(self) -> list[tuple[str, str]]:
        """(method, path) of what was asked since `fail`."""
        return [(method, path) for method, path in json.loads(self._control(None))]

    def _control(self, content: str | None) -> bytes:
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.request("POST", CONTROL, content)
            return connection.getresponse().read()

    def put(self, key: str, content: str | bytes) -> None:
        data = content.encode() if isinstance(content, str) else content
        self.client.put_object(Bucket=self.name, Key=key, Body=data)

    def delete(self, key: str) -> None:
        self.client.delete_object(Bucket=self.name, Key=key)

    def read(self, key: str) -> bytes:
        return self.client.get_object(Bucket=self.name, Key=key)["Body"].read()

    def keys(self, prefix: str = "") -> list[str]:
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=prefix)
        return sorted(each["Key"] for page in pages for each in page.get("Contents", ()))


class S3Server:
    """moto's server with a proxy before it, in a process of their own: delta-rs keeps Python waiting as it reads."""

    def __init__(self) -> None:
        pytest.importorskip("obstore")
        pytest.importorskip("moto.server")
        self._process = subprocess.Popen([sys.executable, __file__], stdout=subprocess.PIPE, text=True)
        assert self._process.stdout
        self.port, self.proxy_port = map(int, self._process.stdout.readline().split())
        self._names = (f"shop-{number}" for number in itertools.count(1))

    @property
    def url(self) -> str:
        """The proxy's address."""
        return f"http://127.0.0.1:{self.proxy_port}"

    def new_bucket(self) -> TestBucket:
        import boto3

        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
        client = boto3.client("s3", endpoint_url=f"http://127.0.0.1:{self.port}", **keys)
        bucket = TestBucket(next(self._names), self.proxy_port, client)
        client.create_bucket(Bucket=bucket.name)
        bucket.fail()
        return bucket

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()


def started() -> Iterator[S3Server]:
    server = S3Server()
    yield server
    server.stop()


ENVIRONMENT = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}


def _serve() -> None:
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    proxy = FaultyProxy(server.get_host_and_port()[1])
    sys.stdout.write(f"{proxy.target} {proxy.server_port}\n")
    sys.stdout.flush()
    proxy.serve_forever()


if __name__ == "__main__":
    _serve()
