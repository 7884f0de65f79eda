"""Where the files of a Delta table lie: on this machine, or in a bucket with copies on this machine.

What differs between the two: how files come there, how an entry of the log is written once, how the log's state is
looked up, and that a bucket's writers must hold its lease.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from patron.errors import LockedError
from patron.lake.checksums import check_files
from patron.lake.errors import translate_errors
from patron.lake.vacuum import find_unused_files
from patron.storage.bucket import StoredObject


class TableFolder(Protocol):
    """The folder of one Delta table. uri, options: as delta-rs takes them."""

    path: Path
    """The folder on this machine in which readers find the data files."""

    @property
    def uri(self) -> str: ...

    @property
    def options(self) -> dict[str, str] | None: ...

    def translate_errors(self) -> contextlib.AbstractContextManager[None]:
        """Turn what is raised inside into EngineError or LockedError."""

    def confirm(self) -> None:
        """See that this run may write. Raises LockedError."""

    def has_log(self) -> bool:
        """Whether anything was ever committed."""

    def has_first_entry(self) -> bool:
        """Whether the log goes back to its beginning."""

    def find_log_state(self) -> tuple[str, int]:
        """What changes with each entry of the log: a commit, a merge or a loss."""

    def move_in(self, staged: Path, names: Sequence[str]) -> None:
        """Bring staged files to where the log may name them."""

    def move_back(self, names: Sequence[str], held: Iterable[str] | None) -> None:
        """Free the space of files that did not become part of the table. held: those that did; None: nobody knows."""

    def fetch(self, sizes: Mapping[str, int]) -> list[Path]:
        """Return the paths of data files (name -> bytes) on this machine."""

    def check_files(self, sizes: Mapping[str, int]) -> None:
        """Look at each data file. Raises EngineError naming the first that is missing or damaged."""

    def write_entry(self, version: int, content: str) -> None:
        """Create an entry of the log, unless it is there. Raises LockedError where another writer was first."""

    def drop_old_checkpoints(self, kept: int) -> None:
        """Delete all checkpoints but the newest ones."""

    def find_unused_files(self, held: Iterable[str], days: float) -> list[Path | StoredObject]:
        """Find data files that the table has not needed for so many days."""


class LocalFolder:
    """A folder on this machine."""

    options = None

    def __init__(self, path: Path) -> None:
        self.path, self._log = path, path / "_delta_log"

    @property
    def uri(self) -> str:
        return str(self.path)

    def translate_errors(self) -> contextlib.AbstractContextManager[None]:
        return translate_errors(self.path)

    def confirm(self) -> None:
        """Do nothing: the caller holds the project's lock."""

    def has_log(self) -> bool:
        try:
            with os.scandir(self._log) as entries:  # a log may have many, and one is enough
                return any(entry.name.endswith(".json") for entry in entries)
        except (FileNotFoundError, NotADirectoryError):
            return False

    def has_first_entry(self) -> bool:
        return (self._log / f"{0:020}.json").exists()

    def find_log_state(self) -> tuple[str, int]:
        with os.scandir(self._log) as entries:
            names = [entry.name for entry in entries]
        return max((name for name in names if name.endswith(".json")), default=""), len(names)

    def move_in(self, staged: Path, names: Sequence[str]) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        for name in names:
            with (staged / name).open("rb+") as file:  # on disk before the log says so, even if the power fails
                os.fsync(file)
            (staged / name).replace(self.path / name)

    def move_back(self, names: Sequence[str], held: Iterable[str] | None) -> None:
        if held is not None:
            for name in set(names) - set(held):
                (self.path / name).unlink(missing_ok=True)

    def fetch(self, sizes: Mapping[str, int]) -> list[Path]:
        return sorted(self.path.absolute() / name for name in sizes)

    def check_files(self, sizes: Mapping[str, int]) -> None:
        check_files(self.path.absolute(), sizes)

    def write_entry(self, version: int, content: str) -> None:
        entry = self._log / f"{version:020}.json"
        scratch = entry.with_name(f".{entry.name}.{os.getpid()}")
        try:
            with scratch.open("w", encoding="utf-8") as file:
                file.write(content)
                file.flush()
                os.fsync(file)
            os.link(scratch, entry)
        except FileExistsError as error:
            raise refuse_second_writer(self.uri) from error
        finally:
            scratch.unlink(missing_ok=True)

    def drop_old_checkpoints(self, kept: int) -> None:
        for old in sorted(self._log.glob("*.checkpoint.parquet"))[:-kept]:
            with contextlib.suppress(OSError):
                old.unlink()

    def find_unused_files(self, held: Iterable[str], days: float) -> list[Path | StoredObject]:
        return list(find_unused_files(self.path, map(Path, held), days))


def refuse_second_writer(uri: str) -> LockedError:
    """Make the error of a writer that was second."""
    do = "run again; nothing was changed"
    return LockedError("another run has changed the table meanwhile", where=uri, do=do)
