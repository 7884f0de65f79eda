"""Which old snapshots stay: those that the policy keeps, and those that somebody reads.

A reader holds a shared lock on its snapshot's folder for as long as it may read. The system releases it when the
process ends, however it ends, so nothing has to be counted or cleared.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import os
import shutil
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

NAME_FORMAT = "%Y%m%dT%H%M%S%fZ"
"""Snapshots are named by the time at which they were published, in UTC."""


def hold(folder: Path, reader: Any) -> None:
    """Keep a snapshot on the disk until `reader` is collected as garbage, or its process ends."""
    with contextlib.suppress(OSError):  # a file system without locks keeps what the policy keeps
        file = os.open(folder, os.O_RDONLY)
        weakref.finalize(reader, os.close, file)
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)


def find_old_snapshots(published: Path, kept: set[str], *, at_least: int, days: float, now: dt.datetime) -> list[Path]:
    """Find the folders that neither the policy nor a reader keeps, oldest first.

    kept: the names of those that stay in any case, the current one among them. at_least: how many stay, these included.
    days: how long those stay that are more. Folders later than the current one were never finished.
    """
    names = sorted(path.name for path in published.iterdir() if path.is_dir())
    finished = [name for name in names if name <= max(kept)]
    oldest = (now - dt.timedelta(days=days)).strftime(NAME_FORMAT)
    kept = kept.union(finished[-at_least:], (name for name in finished if name > oldest))
    return [published / name for name in names if name not in kept and not _is_read(published / name)]


def delete_old_snapshots(
    published: Path, kept: set[str], *, at_least: int, days: float, now: dt.datetime
) -> list[Path]:
    """Delete what `find_old_snapshots` finds; gives the folders."""
    old = find_old_snapshots(published, kept, at_least=at_least, days=days, now=now)
    for folder in old:
        shutil.rmtree(folder, ignore_errors=True)
    return old


def _is_read(folder: Path) -> bool:
    """Whether a reader holds a snapshot."""
    with _open_folder(folder) as file:
        if file is None:
            return False
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
    return False


@contextlib.contextmanager
def _open_folder(folder: Path) -> Iterator[int | None]:
    file = None
    try:
        with contextlib.suppress(OSError):
            file = os.open(folder, os.O_RDONLY)
        yield file
    finally:
        if file is not None:
            os.close(file)
