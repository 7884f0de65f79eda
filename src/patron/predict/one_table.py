"""What `patron value` and `patron retention` share: predictions from one table alone, written to one file."""

from __future__ import annotations

import datetime as dt
import glob
import os
from collections.abc import Sequence
from pathlib import Path

from patron.errors import PatronError, SettingsError, SourceError
from patron.files import begins_with_columns, refuse_to_overwrite

_KINDS = (".parquet", ".csv")


class TooLittleError(PatronError):
    """There is too little data to predict anything; nothing was written."""

    exit_code = 3
    kind = "too_little"


def find_files(files: str) -> list[str]:
    """List the files of a path or a pattern. Raises SourceError."""
    paths = sorted(glob.glob(files, recursive=True)) if glob.has_magic(files) else [files]  # noqa: PTH207 a pattern
    paths = [path for path in paths if Path(path).is_file()]
    if not paths:
        raise SourceError(
            "No such file.", where=files, do="name a Parquet or CSV file, or a pattern such as 'orders/*'"
        )
    return paths


def resolve_as_of(text: str, last: dt.date) -> dt.date:
    """Return the as_of date. text: latest (`last`), today, or YYYY-MM-DD. Raises SettingsError, SourceError."""
    if text == "latest":
        if last > dt.date.today() + dt.timedelta(days=1):
            raise SourceError(
                f"The last order is dated {last}, which is after today: everybody would be measured on that day.",
                do="correct the date, or name the day with --as-of",
            )
        return last
    if text == "today":
        return dt.date.today()
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise SettingsError(
            f"{text} is not a valid date.", where="--as-of", do="use latest, today, or YYYY-MM-DD"
        ) from None


def check_margin(margin: float) -> None:
    """Raise SettingsError for a margin that is not above 0 and at most 1."""
    if not 0 < margin <= 1:
        raise SettingsError(f"A margin of {margin} is not valid.", where="--gross-margin", do="use a share from 0 to 1")


def check_output(to: Path, table: str, what: str, first_columns: Sequence[str], *, overwrite: bool) -> None:
    """Raise SettingsError for a file that cannot or must not be written, before any work is done.

    table: the files that are read, of which `what` says what they hold; none of them is overwritten. first_columns:
    what a file begins with that an earlier prediction wrote, which may be replaced; another only with `overwrite`.
    """
    _check_writable(to)
    if to.exists() and any(to.samefile(path) for path in find_files(table)):
        raise SettingsError(f"The {what} would be overwritten.", where="--to", do="name another file")
    if not overwrite:
        is_own = to.is_file() and begins_with_columns(to, list(first_columns))
        refuse_to_overwrite(to, is_own=is_own, where="--to")


def _check_writable(to: Path) -> None:
    if to.suffix.lower() not in _KINDS:
        do = "use a name that ends in .parquet or .csv"
        raise SettingsError(f"{to.name} does not name a supported format.", where="--to", do=do)
    if not to.parent.is_dir():
        raise SettingsError(f"There is no folder {to.parent}.", where="--to", do="create it, or name another file")
    if to.is_dir() or not os.access(to.parent, os.W_OK) or (to.exists() and not os.access(to, os.W_OK)):
        raise SettingsError(f"{to} cannot be written.", where="--to", do="fix the permissions, or name another file")
