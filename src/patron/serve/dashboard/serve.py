"""Serves the dashboard: runs Streamlit as a child process, by default for this machine only."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from patron.errors import PatronError, SettingsError
from patron.project.project import Project
from patron.serve.dashboard import theme
from patron.serve.dashboard.sign_in.access import check_address

_APP = Path(__file__).parent / "script" / "app.py"
_START_SECONDS = 60.0
_STOP_SECONDS = 5.0


class DashboardError(PatronError):
    """The dashboard did not start."""

    kind = "dashboard"


@dataclass(frozen=True)
class RunningDashboard:
    """A running dashboard."""

    url: str
    process: subprocess.Popen[bytes]


@contextlib.contextmanager
def serve_dashboard(project: Project, *, address: str = "localhost", port: int = 8501) -> Iterator[RunningDashboard]:
    """Serve the dashboard while the block runs.

    Raises SettingsError if others could reach it without signing in, or if the port is taken; DashboardError if it does
    not start.
    """
    check_address(project, address)
    _check_port(address, port)
    process = subprocess.Popen(build_command(project, address, port), stdin=subprocess.DEVNULL)
    dashboard = RunningDashboard(f"http://{'localhost' if address == '0.0.0.0' else address}:{port}", process)
    try:
        _wait_until_up(dashboard)
        _refuse_unguarded(dashboard)
        yield dashboard
    finally:
        _stop(process)


def build_command(project: Project, address: str, port: int) -> list[str]:
    """Build Streamlit's command line: without telemetry, file watching or uploads."""
    options = {
        "server.address": address,
        "server.port": str(port),
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "server.runOnSave": "false",
        "server.enableXsrfProtection": "true",
        "server.enableCORS": "true",
        "server.maxUploadSize": "1",
        "browser.gatherUsageStats": "false",
        "client.toolbarMode": "viewer",
        "client.showErrorDetails": "none",
        "client.showErrorLinks": "false",
        "runner.magicEnabled": "false",
        "logger.level": "warning",
        "logger.hideWelcomeMessage": "true",
    }
    arguments = [f"--{name}={value}" for name, value in options.items()]
    return [
        *(sys.executable, "-m", "patron.serve.dashboard.server", "run", str(_APP)),
        *arguments,
        *theme.build_options(),
        *("--", str(project.root)),
    ]


def _check_port(address: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            do = "name a free port with --port, or an address of this machine with --address"
            raise SettingsError(f"The dashboard cannot listen at {address}:{port}: {error.strerror}.", do=do) from error


def _wait_until_up(dashboard: RunningDashboard) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        if dashboard.process.poll() is not None:
            what = f"Streamlit exited with code {dashboard.process.returncode} before it had started."
            raise DashboardError(what, do="read its message above; `patron doctor` checks the installation")
        if _is_up(dashboard):
            return
        time.sleep(0.1)
    raise DashboardError(f"The dashboard did not start within {_START_SECONDS:.0f} s.", do="try again")


def _refuse_unguarded(dashboard: RunningDashboard) -> None:
    """Raise DashboardError if the server answers without patron's guard: with another version of Streamlit, perhaps."""
    with urllib.request.urlopen(f"{dashboard.url}/_stcore/health", timeout=10) as answer:
        if answer.headers.get("x-frame-options") == "DENY":
            return
    what = "Streamlit's server does not take patron's guard, so it is stopped."
    raise DashboardError(what, do="install the version of Streamlit that constraints.txt names")


def _is_up(dashboard: RunningDashboard) -> bool:
    try:
        with urllib.request.urlopen(f"{dashboard.url}/_stcore/health", timeout=2):
            return True
    except (urllib.error.URLError, OSError):
        return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Terminate the process, and kill it if it does not exit in time."""
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
