"""Writing a file in one step, and what a disk can refuse."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

from patron.errors import EngineError

_DISK_ERRORS = (
    *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO),
    *(errno.EROFS, errno.EACCES, errno.EPERM, errno.EEXIST, errno.ENOTDIR),
)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)


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
    """Yield a path beside `path` to write to, and move it into place at the end; on an error `path` stays as it was."""
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        yield new
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def write_atomically(path: Path, content: str | bytes, *, mode: int = 0o666) -> None:
    """Write a file so that a reader, or a run after a crash, finds either the old content or the new one.

    content: text is written as UTF-8. mode: permissions of the file, less the umask. Its folder is made if need be.
    Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    data = content.encode() if isinstance(content, str) else content
    with replace_file(path) as new, os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())  # on disk before the name points to it, even if the power fails
