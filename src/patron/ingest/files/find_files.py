"""Find the files that match a source's patterns, in the same order on every machine: on the disk or in a bucket."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from patron.errors import SourceError
from patron.ingest.files.found_file import FoundFile
from patron.storage.address import Address, is_address


def match_files(patterns: Iterable[str], root: Path | Address, downloads: Path | None = None) -> list[FoundFile]:
    """List every file that matches, once, in natural order (`day2` before `day10`).

    downloads: a folder for the content of objects in buckets; None: one that goes with them.
    Raises SourceError for a pattern that names a folder; SettingsError where object storage cannot be reached.
    """
    found: dict[str, FoundFile] = {}
    remote = [pattern for pattern in patterns if is_address(pattern) or isinstance(root, Address)]
    if remote:
        from patron.ingest.files.found_objects import match_objects

        found |= {each.display_name: each for each in match_objects(remote, root, downloads)}
    if isinstance(root, Path):
        names = {_display_name(name, root) for p in patterns if p not in remote for name in _matches(p, root)}
        found |= {name: FoundFile(root / name, name) for name in names}
    return [found[name] for name in sorted(found, key=natural_order)]


def natural_order(name: str) -> tuple[list[tuple[int, int, str]], str]:
    """Return a sort key that reads digits as numbers; the text itself decides between `1` and `01`."""
    parts = re.findall(r"\d+|\D+", name)
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts], name


def _matches(pattern: str, root: Path) -> list[str]:
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
