"""One run at a time on a project; the second is told who works on it and since when."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path

from patron.errors import LockedError
from patron.files import translate_disk_errors


@contextlib.contextmanager
def lock_project(state: Path) -> Iterator[None]:
    """Hold .patron/lock. The system lets go of it when the process ends, however it ends.

    Raises LockedError at once when another process holds it, EngineError where the folder cannot be written.
    """
    from filelock import FileLock, Timeout

    holder = state / "lock.json"
    lock = FileLock(state / "lock")
    try:
        with translate_disk_errors(state):
            state.mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=0)
    except Timeout:
        do = "wait for it to end, or stop that process; nothing was changed"
        raise LockedError(f"Another run is using this project: {_who(holder)}.", where=str(state), do=do) from None
    try:
        with contextlib.suppress(OSError):  # who holds the lock is good to know; the lock itself stands without
            holder.write_text(json.dumps(_me()), encoding="utf-8")
        yield
    finally:
        with contextlib.suppress(OSError):
            holder.unlink(missing_ok=True)
        lock.release()


def _me() -> dict[str, str | int]:
    since = dt.datetime.now().astimezone().isoformat(timespec="seconds")
    return {"process": os.getpid(), "host": socket.gethostname(), "since": since}


def _who(holder: Path) -> str:
    try:
        said = json.loads(holder.read_text(encoding="utf-8"))
        return f"process {said['process']} on {said['host']}, since {said['since']}"
    except (OSError, ValueError, KeyError):
        return "a process that has only just begun"
