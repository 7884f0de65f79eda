"""Writing a file in one step, for its owner alone; never over a file of somebody else's; and what a disk can refuse."""

from __future__ import annotations

import contextlib
import csv
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from patron.errors import EngineError, SettingsError

_DISK_ERRORS = (
    *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO),
    *(errno.EROFS, errno.EACCES, errno.EPERM, errno.EEXIST, errno.ENOTDIR),
)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)


PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700
"""What patron writes holds a shop's data: it is its owner's alone, who may share it."""


@contextlib.contextmanager
def translate_disk_errors(place: Path) -> Iterator[None]:
    """Turn what the disk refuses inside (full, read-only, no permission) into an EngineError that names file and cause.

    place: what to name where the operating system names no file.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in _DISK_ERRORS:
            raise
        what, do = _explain(error)
        do += " and run again; landed data is kept and gold is unchanged"
        raise EngineError(what, where=str(error.filename or place), do=do) from error


def _explain(error: OSError) -> tuple[str, str]:
    if error.errno in _FORBIDDEN:
        return f"It may not be read or written: {error.strerror}.", "give yourself the permission"
    if error.errno in (errno.EEXIST, errno.ENOTDIR):
        return f"It is no folder: {error.strerror}.", "move it away"
    if error.errno == errno.EIO:
        return f"The disk failed: {error.strerror}.", "see whether the disk is well"
    return f"The disk refused to write: {error.strerror}.", "free some space"


@contextlib.contextmanager
def replace_file(path: Path) -> Iterator[Path]:
    """Yield a path beside `path` to write to, and move it into place at the end; on an error `path` stays as it was.

    The file is there, empty and for its owner alone, before anything is written; a file that it replaces gives it its
    permissions.
    """
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    mode = stat.S_IMODE(path.stat().st_mode) if path.is_file() else PRIVATE_FILE
    file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
    os.fchmod(file, mode)
    os.close(file)
    try:
        yield new
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def write_atomically(path: Path, content: str | bytes, *, mode: int | None = None) -> None:
    """Write a file so that a reader, or a run after a crash, finds either the old content or the new one.

    content: text is written as UTF-8. mode: permissions of the file; if None, those that it has, or its owner alone.
    Its folder is made if need be. Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    data = content.encode() if isinstance(content, str) else content
    with replace_file(path) as new, os.fdopen(os.open(new, os.O_WRONLY), "wb") as file:
        if mode is not None:
            os.fchmod(file.fileno(), mode)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())  # on disk before the name points to it, even if the power fails


def refuse_to_overwrite(path: Path, *, is_own: bool, where: str) -> None:
    """Raise SettingsError if a file is there that patron did not write. is_own: whether it did."""
    if path.is_symlink() or (path.exists() and not (is_own and path.is_file())):
        what = f"{path} is there already, and patron did not write it."
        raise SettingsError(what, where=where, do="name another file, or add --overwrite to replace it")


def begins_with_columns(path: Path, columns: list[str]) -> bool:
    """Return whether a CSV or Parquet file has these columns first, in this order; False if it cannot be read."""
    try:
        if path.suffix.lower() == ".parquet":
            import pyarrow.parquet as pq

            found = list(pq.read_schema(path).names)
        else:
            with path.open(encoding="utf-8", newline="") as file:
                found = next(csv.reader(file), [])
    except (OSError, ValueError, csv.Error):  # Arrow's errors are of these kinds
        return False
    return found[: len(columns)] == columns
