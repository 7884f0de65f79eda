"""Find the files that match a source's patterns, in the same order on every machine."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from patron.errors import SourceError


@dataclass(frozen=True)
class FoundFile:
    """A file, and its path as the user would write it: from the data folder, with forward slashes."""

    path: Path
    display_name: str


def match_files(patterns: Iterable[str], root: Path) -> list[FoundFile]:
    """List every file that matches, once, in natural order (`day2` before `day10`).

    Raises SourceError for a pattern that names a folder or an object store.
    """
    found = {_display_name(name, root) for pattern in patterns for name in _matches(pattern, root)}
    return [FoundFile(root / name, name) for name in sorted(found, key=natural_order)]


def natural_order(name: str) -> tuple[list[tuple[int, int, str]], str]:
    """Return a sort key that reads digits as numbers; the text itself decides between `1` and `01`."""
    parts = re.findall(r"\d+|\D+", name)
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts], name


def _matches(pattern: str, root: Path) -> list[str]:
    if "://" in pattern:
        raise SourceError(
            "files in an object store cannot be landed by this version",
            where=pattern,
            do="copy them to the data folder first",
        )
    if (root / pattern).is_file():  # a name may contain characters special to a glob, such as [1]
        return [pattern]
    if (root / pattern).is_dir():
        raise SourceError(
            "the pattern names a folder", where=pattern, do=f"write {pattern.rstrip('/')}/*.csv, for example"
        )
    # Path.glob does not accept absolute patterns.
    names = glob.glob(pattern, root_dir=root, recursive=True)  # noqa: PTH207
    return [name for name in names if (root / name).is_file()]


def _display_name(name: str, root: Path) -> str:
    path = Path(name)
    return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()
