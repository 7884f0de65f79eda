"""What delta-rs and the disk say, in patron's words."""

from __future__ import annotations

import contextlib
import errno
import json
import re
from collections.abc import Iterator
from pathlib import Path

from patron.errors import EngineError, LockedError

_TERMINAL_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@contextlib.contextmanager
def translate_errors(place: Path) -> Iterator[None]:
    """Turn what is raised inside into EngineError or LockedError; `place` is the table's folder."""
    from deltalake.exceptions import CommitFailedError, DeltaError

    try:
        yield
    except CommitFailedError as error:
        raise LockedError(
            "another run has changed the table meanwhile",
            where=str(place),
            do="run again; nothing lands twice",
        ) from error
    except (DeltaError, OSError) as error:
        raise _translate(error, place) from error


def _translate(error: Exception, place: Path) -> EngineError:
    text = _TERMINAL_COLOURS.sub("", str(error))
    if getattr(error, "errno", None) == errno.ENOSPC or "os error 28" in text:
        return EngineError(
            "no space left on the disk while writing the lake",
            where=str(place),
            do="free some space and run again; committed rows are kept, and nothing landed in part",
        )
    damaged = _find_damaged_entry(place / "_delta_log")
    if damaged:
        return EngineError(
            "the table's log cannot be read",
            where=str(damaged),
            do=f"restore the file from a backup, or {explain_recovery(place)}",
        )
    return EngineError(f"the lake returned an error: {text.splitlines()[0]}", where=str(place), do="run again")


def explain_recovery(table: Path) -> str:
    """What to do where a table cannot be mended: its source lands again. Rejected rows go with their landings."""
    folders = f"{table}"
    if table.parent.name == "_rejected":
        folders += f" and {table.parent.parent / table.name}"
    return (
        f"move {folders} aside and run `patron run --full-refresh`: the files of the data folder land again "
        "(first bring those back that were taken out of it)"
    )


def _find_damaged_entry(log: Path) -> Path | None:
    """The first entry of a Delta log that is missing or is not what it should be."""
    entries, checkpoints = sorted(log.glob("*.json")), sorted(log.glob("*.checkpoint*.parquet"))
    first = int(entries[0].stem) if entries and checkpoints else 0  # a checkpoint stands for what is before it
    for number, entry in enumerate(entries, start=first):
        expected = log / f"{number:020}.json"
        if entry != expected:
            return expected
    return next((entry for entry in [*entries, *checkpoints] if not _is_readable(entry)), None)


def _is_readable(entry: Path) -> bool:
    import pyarrow.parquet as pq

    try:
        if entry.suffix == ".parquet":
            pq.read_table(entry)
        else:
            lines = entry.read_text(encoding="utf-8").splitlines()
            return bool(lines) and all(isinstance(json.loads(line), dict) for line in lines)
    except (ValueError, OSError):
        return False
    return True
