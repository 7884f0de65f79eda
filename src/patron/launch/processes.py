"""Processes that go on after the command that started them, known by number and birth: numbers are given again."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_BOOT = _PROC / "sys/kernel/random/boot_id"
_STOP_SECONDS = 30.0


@dataclass(frozen=True)
class Started:
    """A process that was started. born: when, as the system tells it. url: where it answers; empty if it does not."""

    name: str
    pid: int
    born: str
    url: str = ""

    @property
    def is_running(self) -> bool:
        """Whether the very process is there."""
        return find_birth(self.pid) == self.born

    def describe(self) -> str:
        """Tell its number, and where it answers."""
        return f"process {self.pid}{f' at {self.url}' if self.url else ''}"


def start(name: str, command: Sequence[str], log: Path, url: str = "", folder: Path | None = None) -> Started:
    """Start a process in a session of its own, which no Ctrl-C reaches; what it prints is added to `log`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    return Started(name, process.pid, find_birth(process.pid) or "", url)


def stop(started: Started) -> bool:
    """Ask a process and its children to end, and kill them if they do not; return whether there was one."""
    if not started.is_running:
        return False
    _signal(started, signal.SIGTERM)
    end = time.monotonic() + _STOP_SECONDS
    while started.is_running and time.monotonic() < end:
        time.sleep(0.05)
    if started.is_running:
        _signal(started, signal.SIGKILL)
    return True


def _signal(started: Started, what: int) -> None:
    try:
        os.killpg(started.pid, what)
    except ProcessLookupError:  # it ended meanwhile
        return


def find_birth(pid: int) -> str | None:
    """Return when a process was born, as the system tells it; None if it ended, also if its parent did not ask yet."""
    if not (_PROC / "self/stat").exists():
        return _ask_ps(pid)
    try:
        state, *fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if state in "ZX" else f"{_BOOT.read_text().strip()} {fields[18]}"


def _ask_ps(pid: int) -> str | None:
    told = subprocess.run(["ps", "-o", "stat=,lstart=", "-p", str(pid)], check=False, capture_output=True, text=True)  # noqa: S607
    state, _, born = told.stdout.strip().partition(" ")
    return born.strip() if born and not state.startswith("Z") else None
