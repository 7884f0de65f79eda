"""The status of the last run, stored in .patron/last_run.json, and whether one is in progress."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import socket
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from patron.errors import PatronError
from patron.files import write_atomically

_NAME = "last_run.json"


@dataclass(frozen=True)
class LastRun:
    """The end of a run. ended_at: ISO, UTC. failure: what went wrong, in a sentence without values; empty if nothing.

    The dashboard shows it to people who may not see what an error message quotes: cells of headers, rows, settings.
    """

    ended_at: str
    failure: str = ""


@contextlib.contextmanager
def record_run(state: Path) -> Iterator[None]:
    """Record how the block ended. A run does not fail because the record cannot be written."""
    try:
        yield
    except PatronError as error:
        _write(state, LastRun(_now(), error.summary))
        raise
    except BaseException as error:
        _write(state, LastRun(_now(), f"The run was stopped ({type(error).__name__})."))
        raise
    _write(state, LastRun(_now()))


def read_last_run(state: Path) -> LastRun | None:
    """Read the record of the last run; None before the first one, or if it cannot be read."""
    try:
        return LastRun(**json.loads((state / _NAME).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def find_running_since(state: Path) -> dt.datetime | None:
    """Return when the run in progress started, or None. Reads the lock's record, without taking the lock."""
    try:
        holder = json.loads((state / "lock.json").read_text(encoding="utf-8"))
        since = dt.datetime.fromisoformat(holder["since"])
        is_here = holder["host"] == socket.gethostname()
        return since if not is_here or _is_alive(int(holder["process"])) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _write(state: Path, run: LastRun) -> None:
    with contextlib.suppress(OSError):
        write_atomically(state / _NAME, json.dumps(asdict(run)))


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
