"""Locks a project, so that it has one run at a time; a second one fails, naming the process that holds the lock."""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import json
import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

from patron.errors import EngineError, LockedError
from patron.files import PRIVATE_FOLDER, translate_disk_errors
from patron.storage.folder import RemoteFolder


@contextlib.contextmanager
def lock_project(state: Path, lake: Path | RemoteFolder | None = None) -> Iterator[None]:
    """Hold .patron/lock while the block runs. The system releases it when the process ends, however it ends.

    lake: what the block may write to; of one in a bucket, the lease is held, too, which all machines see.
    Raises LockedError at once if another process holds either, EngineError if the folder cannot be written.
    """
    with _lock_folder(state), lake.hold_lease(state) if isinstance(lake, RemoteFolder) else contextlib.nullcontext():
        yield


@contextlib.contextmanager
def _lock_folder(state: Path) -> Iterator[None]:
    from filelock import FileLock, Timeout

    holder = state / "lock.json"
    lock = FileLock(state / "lock")
    try:
        with translate_disk_errors(state):
            _make_private(state)
            lock.acquire(timeout=0)
    except Timeout:
        do = "wait for it to end, or stop that process; nothing was changed"
        raise LockedError(
            f"Another run is using this project: {_describe_holder(holder)}.", where=str(state), do=do
        ) from None
    try:
        with contextlib.suppress(OSError):  # the lock holds without this file, which only says who has it
            holder.write_text(json.dumps(_describe_process()), encoding="utf-8")
        yield
    finally:
        with contextlib.suppress(OSError):
            holder.unlink(missing_ok=True)
        lock.release()


@contextlib.contextmanager
def lock_or_explain(state: Path) -> Iterator[str]:
    """Hold the lock as `lock_project` does, or yield why it cannot be held: a run is at work, or the disk is read-only.

    For those who only read, and can do with what is published.
    """
    with contextlib.ExitStack() as held:
        reason = ""
        try:
            held.enter_context(lock_project(state))
        except LockedError as error:
            reason = error.what
        except EngineError as error:
            if getattr(error.__cause__, "errno", None) not in _READ_ONLY:
                raise
            reason = f"{state} cannot be written."
        yield reason


_READ_ONLY = (errno.EROFS, errno.EACCES, errno.EPERM)


def _make_private(state: Path) -> None:
    """Create .patron for its owner alone; close one that an older version left open to everybody.

    Who shares it with a group keeps that.
    """
    state.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
    mode = stat.S_IMODE(state.stat().st_mode)
    if mode & _EVERYBODY:
        with contextlib.suppress(OSError):  # somebody else's folder, or a disk without permissions
            state.chmod(mode & ~_EVERYBODY)


_EVERYBODY = 0o007


def _describe_process() -> dict[str, str | int]:
    since = dt.datetime.now().astimezone().isoformat(timespec="seconds")
    return {"process": os.getpid(), "host": socket.gethostname(), "since": since}


def _describe_holder(holder: Path) -> str:
    try:
        found = json.loads(holder.read_text(encoding="utf-8"))
        return f"process {found['process']} on {found['host']}, since {found['since']}"
    except (OSError, ValueError, KeyError):
        return "a process that has just started"
