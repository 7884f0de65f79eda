"""How the last run ended, for those who read while nobody runs: .patron/last_run.json."""

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
    """ended_at: ISO, UTC. error: what went wrong, in a sentence; empty where it went well. do: what to do about it."""

    ended_at: str
    error: str = ""
    do: str = ""


@contextlib.contextmanager
def record_run(state: Path) -> Iterator[None]:
    """Write down how what is inside ended. A disk that cannot take it does not make a run fail."""
    try:
        yield
    except PatronError as error:
        _write(state, LastRun(_now(), error.what, error.do or ""))
        raise
    except BaseException as error:
        _write(state, LastRun(_now(), f"The run was stopped ({type(error).__name__}).", "run `patron run` again"))
        raise
    _write(state, LastRun(_now()))


def read_last_run(state: Path) -> LastRun | None:
    """None before the first run, or where the record cannot be read."""
    try:
        return LastRun(**json.loads((state / _NAME).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def running_since(state: Path) -> dt.datetime | None:
    """Since when a run holds the project; None where none does. Reads who said so, and takes no lock itself."""
    try:
        said = json.loads((state / "lock.json").read_text(encoding="utf-8"))
        since = dt.datetime.fromisoformat(said["since"])
        is_here = said["host"] == socket.gethostname()
        return since if not is_here or _is_alive(int(said["process"])) else None
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
