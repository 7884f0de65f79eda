"""What can go wrong, said so that the reader knows what happened, where, and what to do next."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator
from pathlib import Path


class PatronError(Exception):
    """Base of every error that patron raises on purpose.

    what: one sentence that says what happened.
    where: the place (file, line, key, table), if there is one.
    do: what to do next.
    """

    exit_code = 1
    kind = "error"

    def __init__(self, what: str, *, where: str | None = None, do: str | None = None) -> None:
        self.what, self.where, self.do = what, where, do
        super().__init__(what)

    def __str__(self) -> str:
        lines = [self.what]
        if self.where:
            lines.append(f"  where: {self.where}")
        if self.do:
            lines.append(f"  next:  {self.do}")
        return "\n".join(lines)

    def as_dict(self) -> dict[str, str | None]:
        """The same error for machines (`--json`)."""
        return {"error": self.kind, "what": self.what, "where": self.where, "next": self.do}


class SettingsError(PatronError):
    """patron.yaml, a rule file or an option is wrong; no data was touched."""

    exit_code = 2
    kind = "settings"


class SourceError(PatronError):
    """A source cannot be read as the settings say; nothing of it has landed."""

    exit_code = 3
    kind = "source"


class LockedError(PatronError):
    """Another run is at work on the same project."""

    exit_code = 4
    kind = "locked"


class CheckFailedError(PatronError):
    """The run finished, but a test of the data does not hold."""

    exit_code = 5
    kind = "check"


class EngineError(PatronError):
    """The engine refused a statement or ran out of a resource."""

    exit_code = 6
    kind = "engine"


class OutOfMemoryError(EngineError):
    """A statement found no room for its work, though the engine may spill to disk."""


class NothingBuiltError(PatronError):
    """A reader asked for results before there are any."""

    exit_code = 7
    kind = "nothing_built"


_DISK_ERRORS = (
    *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO),
    *(errno.EROFS, errno.EACCES, errno.EPERM, errno.EEXIST, errno.ENOTDIR),
)


@contextlib.contextmanager
def disk_told(place: Path) -> Iterator[None]:
    """What the disk refuses inside (full, read-only, no permission) becomes an EngineError that names `place`."""
    try:
        yield
    except OSError as error:
        if error.errno not in _DISK_ERRORS:
            raise
        what = f"The disk refused to write: {error.strerror}."
        do = "free some space (or mend the permission) and run again; what had landed stays, gold is the last good one"
        raise EngineError(what, where=str(error.filename or place), do=do) from error


def stopped_by_the_user(error: BaseException) -> bool:
    """Whether a Ctrl-C is behind it: an engine that is stopped in a query makes an error of its own of it."""
    seen: set[int] = set()  # dbt's errors may name each other in a circle
    each: BaseException | None = error
    while each is not None and id(each) not in seen:
        if isinstance(each, KeyboardInterrupt):
            return True
        seen.add(id(each))
        each = each.__cause__ or each.__context__
    return False
