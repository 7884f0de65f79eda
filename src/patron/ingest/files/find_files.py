"""Find the files that match a source's patterns, in the same order on every machine."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterable, Iterator
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
    return [name for name in _expand(pattern, root) if (root / name).is_file()]


def _expand(pattern: str, root: Path) -> list[str]:
    """List what matches. A folder that a link leads back to is not entered again, and one that cannot be read is told.

    Raises SourceError.
    """
    parts = pattern.split("/")
    if "**" not in parts:
        folder = "/".join(parts[:-1])
        for each in glob.glob(folder, root_dir=root) if folder else [""]:  # noqa: PTH207 absolute patterns
            _refuse_unreadable(root / each)
        return glob.glob(pattern, root_dir=root)  # noqa: PTH207
    place = parts.index("**")
    before, after = "/".join(parts[:place]), "/".join(parts[place + 1 :]) or "*"
    starts = glob.glob(before, root_dir=root) if before else [before]  # noqa: PTH207
    folders = [folder for start in starts for folder in _walk(start, root, set())]
    return [name for folder in folders for name in _expand(f"{folder}/{after}" if folder else after, root)]


def _walk(folder: str, root: Path, seen: set[Path]) -> Iterator[str]:
    """Yield a folder and those inside, each once, whatever links lead to it; not those whose names begin with a dot."""
    path = root / folder
    if not path.is_dir() or path.resolve() in seen:
        return
    seen.add(path.resolve())
    _refuse_unreadable(path)
    yield folder
    for name in sorted((each.name for each in path.iterdir()), key=natural_order):
        if not name.startswith("."):
            yield from _walk(f"{folder}/{name}" if folder else name, root, seen)


def _refuse_unreadable(folder: Path) -> None:
    if folder.is_dir() and not os.access(folder, os.R_OK | os.X_OK):
        what = "the folder cannot be read: Permission denied"
        raise SourceError(what, where=str(folder), do="give yourself the permission, or leave it out of the patterns")


def _display_name(name: str, root: Path) -> str:
    path = Path(name)
    return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()
