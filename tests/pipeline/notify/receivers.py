"""Servers on this machine that keep what they are sent: HTTP, and SMTP with STARTTLS and a password."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


@contextmanager
def receive_http(status: int = 200) -> Iterator[tuple[str, list[Any]]]:
    """An address, and the JSON bodies that were posted to it. status: what it answers."""
    received: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/secret-path", received
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Mailbox:
    """What a mail server took: messages, and the accounts that signed in."""

    def __init__(self) -> None:
        self.messages: list[tuple[list[str], bytes]] = []
        self.accounts: list[tuple[bytes, bytes]] = []

    async def handle_DATA(self, server, session, envelope):
        self.messages.append((envelope.rcpt_tos, envelope.content))
        return "250 OK"

    def sign_in(self, server, session, envelope, mechanism, data):
        self.accounts.append((data.login, data.password))
        return AuthResult(success=data.password == b"right", handled=False)


@contextmanager
def receive_mail(folder: Path) -> Iterator[tuple[int, Mailbox, Path]]:
    """A port of a server that demands STARTTLS and a sign-in, its mailbox, and the certificate to trust."""
    certificate, key = folder / "server.pem", folder / "server.key"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"),
            *("-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", certificate),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    mailbox = Mailbox()
    options = {
        "tls_context": context,
        "require_starttls": True,
        "authenticator": mailbox.sign_in,
        "auth_required": True,
    }
    controller = Controller(mailbox, hostname="127.0.0.1", port=_find_free_port(), **options)
    controller.start()
    try:
        yield controller.port, mailbox, certificate
    finally:
        controller.stop()


def _find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
