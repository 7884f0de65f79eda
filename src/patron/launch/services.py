"""What a project needs beside a run, as processes: the dashboard, and a stream where a source is live."""

from __future__ import annotations

import socket
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from patron.errors import PatronError, SettingsError
from patron.launch.processes import Started, start
from patron.project.project import Project

DASHBOARD, STREAM = "dashboard", "stream"
_START_SECONDS = 90.0


class LaunchError(PatronError):
    """A process ended before it answered."""

    kind = "launch"


def needs_stream(project: Project) -> bool:
    """Return whether some source can be followed."""
    return any(source.kind.is_live for source in project.settings.sources.values())


def check_port(port: int) -> None:
    """Raise SettingsError if something else listens at the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            what = f"The dashboard cannot listen at port {port}: {error.strerror}."
            raise SettingsError(what, where="--port", do="name a free port with --port") from error


def start_stream(project: Project) -> Started:
    """Start following the project's live sources."""
    return start(STREAM, _build_command(project, "stream", "--quiet"), _get_log(project, STREAM))


def start_dashboard(project: Project, port: int) -> Started:
    """Start the dashboard. Raises SettingsError if the port is taken."""
    check_port(port)
    command = _build_command(project, "dashboard", "--no-browser", "--port", str(port))
    return start(DASHBOARD, command, _get_log(project, DASHBOARD), f"http://localhost:{port}")


def wait_until_up(project: Project, started: Started) -> None:
    """Wait until the dashboard answers. Raises LaunchError if it ends before, or takes too long."""
    end = time.monotonic() + _START_SECONDS
    while not _answers(started.url):
        if not started.is_running or time.monotonic() > end:
            what = f"The {started.name} did not start."
            raise LaunchError(what, where=str(_get_log(project, started.name)), do="read the end of that file")
        time.sleep(0.1)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2):  # noqa: S310
            return True
    except (urllib.error.URLError, OSError):
        return False


def _build_command(project: Project, *words: str) -> list[str]:
    return [sys.executable, "-m", "patron", *words, "--project", str(project.root)]


def _get_log(project: Project, name: str) -> Path:
    return project.logs / f"{name}.log"
