"""A copy of the state of another branch's project, to build upon without changing it."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from patron.errors import LockedError, NothingBuiltError
from patron.files import PRIVATE_FOLDER
from patron.project.lock import lock_or_explain

_LEFT = ("audiences", "logs", "aside", "changed", "lock", "lock.json", "last_run.json", "tidied.json")
"""What no build reads."""

_WRITTEN_ONCE = (".parquet",)
"""Files of these endings are replaced, never changed, so that a hard link is as good as a copy."""


def find_state(folder: Path) -> Path:
    """Find the folder of a project's state: the folder itself, or .patron in it. Raises NothingBuiltError."""
    for state in (folder / ".patron", folder):
        if (state / "built.json").is_file():
            return state
    do = "name the folder of a project that was run, or a copy of its .patron"
    raise NothingBuiltError(f"{folder} holds no build.", where="--state", do=do)


def copy_state(folder: Path, target: Path) -> None:
    """Copy the state of a project, in place of whatever is at the target. Raises NothingBuiltError, LockedError.

    Data files are linked where the disk can, so that a copy costs little more than the warehouse's file.
    """
    state = find_state(folder)
    with lock_or_explain(state) as busy:
        if busy and (state / "lock.json").exists():
            do = "wait until it ends"
            raise LockedError(f"The build cannot be read now: {busy}", where=str(state), do=do)
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True, mode=PRIVATE_FOLDER)
        shutil.copytree(state, target, ignore=_ignore_at(state), copy_function=_link_or_copy, dirs_exist_ok=True)


def _ignore_at(state: Path) -> Callable[[str, list[str]], list[str]]:
    def ignore(folder: str, names: list[str]) -> list[str]:
        is_top = Path(folder) == state
        return [name for name in names if is_top and (name in _LEFT or name.startswith("spill"))]

    return ignore


def _link_or_copy(source: str, target: str) -> None:
    if source.endswith(_WRITTEN_ONCE):
        with contextlib.suppress(OSError):
            os.link(source, target)
            return
    shutil.copy2(source, target)
