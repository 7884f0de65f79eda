"""The ways a digest goes out. Each raises OSError, or smtplib's kind of it, where it does not arrive."""

from __future__ import annotations

import json
import os
import smtplib
import ssl
import urllib.request
from email.message import EmailMessage
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from patron.pipeline.notify.digest import Digest
    from patron.project.settings.notify import Email, Slack, Webhook

_ICONS = {"ok": ":white_check_mark:", "warn": ":warning:", "failed": ":x:"}
_LONGEST = 2_900
"""Slack refuses a block of more than 3,000 letters."""


def send_webhook(settings: Webhook, digest: Digest, timeout: float) -> None:
    """Post a digest as JSON."""
    _post(_read_variable(settings.url), digest.as_dict(), timeout)


def send_slack(settings: Slack, digest: Digest, timeout: float) -> None:
    """Post a digest in Slack's format."""
    _post(_read_variable(settings.url), format_for_slack(digest), timeout)


def format_for_slack(digest: Digest) -> dict[str, object]:
    """Return a digest as Slack's incoming webhooks take it: a text for notifications, and blocks."""
    title = f"{_ICONS[digest.status]} *{_escape(digest.title)}*"
    lines = "\n".join(f"• {_escape(line)}" for line in digest.lines)
    text = f"{title}\n{lines}" if lines else title
    shown = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return {"text": digest.title, "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": shown}}]}


def _escape(text: str) -> str:
    """Slack reads &, < and > as markup: a name could otherwise call a channel."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _post(url: str, content: object, timeout: float) -> None:
    if urlsplit(url).scheme not in ("http", "https"):
        raise OSError("the address is not http or https")
    request = urllib.request.Request(  # noqa: S310  # the scheme is checked above
        url, json.dumps(content).encode(), {"Content-Type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=timeout) as answer:  # noqa: S310
        answer.read(1)


def send_email(settings: Email, digest: Digest, timeout: float) -> None:
    """Send a digest as plain text. With `starttls` nothing is said before the connection is encrypted."""
    message = EmailMessage()
    message["Subject"] = " ".join(digest.title.split())
    message["From"], message["To"] = settings.sender, ", ".join(settings.to)
    message.set_content(digest.as_text())
    user, password = os.environ.get(settings.user), os.environ.get(settings.password)
    with smtplib.SMTP(settings.host, settings.port, timeout=timeout) as server:
        if settings.starttls:
            server.starttls(context=ssl.create_default_context())
        if user:
            if not settings.starttls:
                raise OSError("a password is never sent without starttls")
            server.login(user, password or "")
        server.send_message(message)


def _read_variable(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise OSError(f"the environment variable {name} is not set")
    return value
