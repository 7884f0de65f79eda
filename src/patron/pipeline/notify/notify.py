"""Sends digests. What cannot be sent is told, and never fails a run or a check."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from patron.errors import PatronError, stopped_by_the_user
from patron.pipeline.notify.digest import Digest, digest_check, digest_failure, digest_run, digest_stream

if TYPE_CHECKING:
    from patron.pipeline.check.finding import CheckReport
    from patron.pipeline.run_report import RunReport
    from patron.project.project import Project


def send(project: Project, digest: Digest) -> list[str]:
    """Send a digest by every way in `notify`, if it is wanted; return what could not be sent, in sentences."""
    settings = project.settings.notify
    if not digest.is_wanted(settings.when):
        return []
    return [said for name, one in _list_channels(project) if (said := _try(name, one, digest)) is not None]


def tell_run(project: Project, report: RunReport) -> list[str]:
    """Send the digest of a run; return what could not be sent, in sentences."""
    return _tell(project, lambda: digest_run(project, report))


def tell_check(project: Project, report: CheckReport) -> list[str]:
    """Send the digest of a check; return what could not be sent, in sentences."""
    return _tell(project, lambda: digest_check(project, report))


def _tell(project: Project, make: Callable[[], Digest]) -> list[str]:
    """Make and send a digest, where there is anybody to tell. What it is made of may be gone, too."""
    if not count_channels(project):
        return []
    try:
        digest = make()
    except Exception as error:  # the run or check is done, and counts
        return [f"notify: no message could be made ({type(error).__name__})"]
    return send(project, digest)


def count_channels(project: Project) -> int:
    """Count the ways that `notify` names."""
    return len(_list_channels(project))


@contextlib.contextmanager
def tell_failure(project: Project, what: str, warn: Callable[[list[str]], None]) -> Iterator[None]:
    """Send a digest if the block raises a PatronError, which goes on. warn: takes what could not be sent."""
    try:
        yield
    except PatronError as error:
        if not stopped_by_the_user(error):
            warn(send(project, digest_failure(project, what, error)))
        raise


class StreamTeller:
    """Sends a digest when a stream stops bringing gold up to date, and one when it does so again."""

    def __init__(self, project: Project) -> None:
        self._project, self._is_failing = project, False

    def tell(self, failure: str) -> list[str]:
        """Take what keeps gold from being refreshed, empty for nothing; return what could not be sent, in sentences."""
        if bool(failure) == self._is_failing:
            return []
        self._is_failing = bool(failure)
        return _tell(self._project, lambda: digest_stream(self._project, is_failing=self._is_failing))


Send = Callable[[Digest], None]


def _list_channels(project: Project) -> list[tuple[str, Send]]:
    settings, found = project.settings.notify, list[tuple[str, Send]]()
    if not (settings.webhook or settings.slack or settings.email):
        return found
    from patron.pipeline.notify import channels

    wait = settings.timeout_seconds
    if settings.webhook is not None:
        webhook = settings.webhook
        found.append(("webhook", lambda digest: channels.send_webhook(webhook, digest, wait)))
    if settings.slack is not None:
        slack = settings.slack
        found.append(("slack", lambda digest: channels.send_slack(slack, digest, wait)))
    if settings.email is not None:
        email = settings.email
        found.append(("email", lambda digest: channels.send_email(email, digest, wait)))
    return found


def _try(name: str, one: Send, digest: Digest) -> str | None:
    """Send by one way; return why it did not arrive. No address is told: those of webhooks are secrets."""
    from urllib.error import HTTPError

    try:
        one(digest)
    except HTTPError as error:
        return f"notify.{name}: not sent: the server answered {error.code}"
    except Exception as error:  # whatever the other side does, the run is done
        why = str(error) if type(error) is OSError else type(error).__name__
        return f"notify.{name}: not sent: {why}"
    return None
