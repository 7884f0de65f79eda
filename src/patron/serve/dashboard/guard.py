"""Guards Streamlit's server: security headers, closed routes, and only those messages that pages need.

Streamlit takes messages before anybody has signed in. One of them clears the caches of all users; other requests upload
files or read the server's state. The guard stands before all of Streamlit's routes and lets through what is listed.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

_MESSAGES = frozenset({"rerun_script", "stop_script", "app_heartbeat", "backend_operation_request"})
"""What a page sends: a choice, that a paint is no longer wanted, that it is still there, and a wish for a download."""

_OPEN = ("/_stcore/health", "/_stcore/host-config", "/_stcore/stream")
_METHODS = frozenset({"GET", "HEAD"})


class Guard:
    """An ASGI middleware. app: what it guards."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer a request, or let it through with headers; filter what a websocket receives."""
        if scope["type"] == "websocket":
            return await self.app(scope, _only_known(receive), send)
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        guarded = _with_headers(send, scope["path"])
        if is_closed(scope["method"], scope["path"]):
            return await _refuse(guarded)
        return await self.app(scope, receive, guarded)


def is_closed(method: str, path: str) -> bool:
    """Return whether pages have no need of a request: internals but those listed, and whatever writes."""
    if path.startswith(("/auth/", "/oauth2callback")):
        return False  # sign-in by an identity provider
    return method not in _METHODS or ("_stcore" in path and not path.endswith(_OPEN))


def _only_known(receive: Receive) -> Receive:
    async def receive_known() -> Message:
        while True:
            message = await receive()
            if message["type"] != "websocket.receive" or is_known(message.get("bytes")):
                return message

    return receive_known


def is_known(content: bytes | None) -> bool:
    """Return whether a message is one that pages send."""
    from google.protobuf.message import DecodeError
    from streamlit.proto.BackMsg_pb2 import BackMsg

    message = BackMsg()
    try:
        message.ParseFromString(content or b"")
    except DecodeError:
        return False
    return message.WhichOneof("type") in _MESSAGES


def build_headers(path: str) -> dict[str, str]:
    """Build the headers of an answer: no frames, no scripts or data from elsewhere, no addresses told to others."""
    headers = {
        "content-security-policy": _build_policy(),
        "x-frame-options": "DENY",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
    }
    return headers | ({"cache-control": "no-store"} if path.startswith("/media/") else {})


_POLICY: list[str] = []


def _build_policy() -> str:
    """Build the content security policy once: Streamlit's page has an inline script, which is known by its hash."""
    if not _POLICY:
        import streamlit

        page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
        scripts = re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL)
        hashes = [base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in scripts]
        rules = {
            "default-src": "'self'",
            "script-src": " ".join(["'self'", *(f"'sha256-{one}'" for one in hashes)]),
            "style-src": "'self' 'unsafe-inline'",
            "img-src": "'self' data: blob:",
            "font-src": "'self' data:",
            "connect-src": "'self'",
            "worker-src": "'self' blob:",
            "object-src": "'none'",
            "base-uri": "'none'",
            "form-action": "'self'",
            "frame-ancestors": "'none'",
        }
        _POLICY.append("; ".join(f"{name} {sources}" for name, sources in rules.items()))
    return _POLICY[0]


def _with_headers(send: Send, path: str) -> Send:
    added = {name.encode(): value.encode() for name, value in build_headers(path).items()}

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [(name, value) for name, value in message.get("headers", ()) if name.lower() not in added]
            message = {**message, "headers": [*kept, *added.items()]}
        await send(message)

    return send_with_headers


async def _refuse(send: Send) -> None:
    await send({"type": "http.response.start", "status": 403, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"closed"})


def install() -> None:
    """Put the guard in front of Streamlit's own middleware, before its server is made.

    Streamlit has no setting for this where it runs a script. `serve` sees whether the guard answers, or stops.
    """
    from starlette.middleware import Middleware
    from streamlit.web.server.starlette import starlette_app

    before = starlette_app.create_streamlit_middleware
    starlette_app.create_streamlit_middleware = lambda: [Middleware(Guard), *before()]
