"""What a project needs beside a run, as processes: the dashboard, a stream where a source is live, or its schedule."""

from __future__ import annotations

import importlib.util
import socket
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from patron.errors import PatronError, SettingsError
from patron.launch.processes import Started, start
from patron.project.project import Project

DASHBOARD, STREAM, DAGSTER = "dashboard", "stream", "dagster"
_DAGSTER_PORTS = range(3000, 3020)
_START_SECONDS = 90.0


class LaunchError(PatronError):
    """A process ended before it answered."""

    kind = "launch"


def needs_stream(project: Project) -> bool:
    """Return whether some source can be followed."""
    return any(source.kind.is_live for source in project.settings.sources.values())


def needs_dagster(project: Project) -> bool:
    """Return whether `init --with dagster` made what Dagster loads, and Dagster is installed.

    Not beside a stream, which holds the project's lock: scheduled runs would be refused.
    """
    is_made = (project.root / "workspace.yaml").is_file()
    return is_made and not needs_stream(project) and importlib.util.find_spec("dagster") is not None


def check_port(port: int) -> None:
    """Raise SettingsError if something else listens at the port."""
    if not _is_free(port):
        what = f"The dashboard cannot listen at port {port}: something else does."
        raise SettingsError(what, where="--port", do="name a free port with --port")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def start_stream(project: Project) -> Started:
    """Start following the project's live sources."""
    return start(STREAM, _build_command(project, "stream", "--quiet"), _get_log(project, STREAM))


def start_dagster(project: Project) -> Started:
    """Start Dagster with the shop's schedules, at the first free port from 3000 on. Its settings are in .dagster."""
    port = next(filter(_is_free, _DAGSTER_PORTS), _DAGSTER_PORTS[0])
    command = ["env", f"DAGSTER_HOME={project.root / '.dagster'}", sys.executable, "-m", "dagster", "dev"]
    log = _get_log(project, DAGSTER)
    return start(DAGSTER, [*command, "--port", str(port)], log, f"http://localhost:{port}", project.root)


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
