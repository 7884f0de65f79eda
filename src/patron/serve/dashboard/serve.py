"""Starts the dashboard: Streamlit as a child of this process, on this machine unless told otherwise."""

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
_STARTS_WITHIN = 60.0
_ENDS_WITHIN = 5.0


class DashboardError(PatronError):
    """The dashboard did not start."""

    kind = "dashboard"


@dataclass(frozen=True)
class Served:
    """A dashboard at work."""

    url: str
    process: subprocess.Popen[bytes]


@contextlib.contextmanager
def serving(project: Project, *, address: str = "localhost", port: int = 8501) -> Iterator[Served]:
    """The dashboard, reachable while the block lasts, and ended with it.

    Raises SettingsError where others could reach it and nobody signs in, or where the port is taken;
    DashboardError where it does not come up.
    """
    check_address(project, address)
    _check_port(address, port)
    process = subprocess.Popen(build_command(project, address, port), stdin=subprocess.DEVNULL)
    served = Served(f"http://{'localhost' if address == '0.0.0.0' else address}:{port}", process)
    try:
        _wait_until_up(served)
        yield served
    finally:
        _end(process)


def build_command(project: Project, address: str, port: int) -> list[str]:
    """Streamlit's command line: nothing is sent anywhere, nothing is watched, nothing is uploaded."""
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
    given = [f"--{name}={value}" for name, value in options.items()]
    return [
        *(sys.executable, "-m", "patron.serve.dashboard.server", "run", str(_APP)),
        *given,
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


def _wait_until_up(served: Served) -> None:
    end = time.monotonic() + _STARTS_WITHIN
    while time.monotonic() < end:
        if served.process.poll() is not None:
            what = f"Streamlit ended with code {served.process.returncode} before it was up."
            raise DashboardError(what, do="read its message above; `patron doctor` checks the installation")
        if _is_up(served):
            return
        time.sleep(0.1)
    raise DashboardError(f"The dashboard did not come up within {_STARTS_WITHIN:.0f} s.", do="try again")


def _is_up(served: Served) -> bool:
    try:
        with urllib.request.urlopen(f"{served.url}/_stcore/health", timeout=2):
            return True
    except (urllib.error.URLError, OSError):
        return False


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask it to end; make it, where it does not."""
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(_ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
