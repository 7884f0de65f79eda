"""Which files no way out may ever replace: patron.yaml, what .patron holds, and what a source reads."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from patron.errors import SettingsError
from patron.ingest.files.connector import find_root

if TYPE_CHECKING:
    from patron.project.project import Project


def refuse_protected(project: Project, path: Path, where: str) -> None:
    """Raise SettingsError if a file is the project's own, or is or would be read by a source."""
    target = path.resolve()
    own = [project.root / "patron.yaml", project.root / ".patron", project.state]
    if any(target == one.resolve() or target.is_relative_to(one.resolve()) for one in own):
        raise SettingsError(f"{path} belongs to the project itself.", where=where, do="name another file")
    source = _find_source(project, target)
    if source is not None:
        what = f"{path} is a file of the source {source}: the next run would read what is written there."
        raise SettingsError(what, where=where, do="name a file that no source reads")


def _find_source(project: Project, target: Path) -> str | None:
    """The source whose patterns match a path, whether or not there is a file yet."""
    for name, source in project.settings.sources.items():
        roots = {project.data, find_root(project.root, source.data or project.settings.data)}
        for root in (each for each in roots if isinstance(each, Path)):  # no way out leads to a bucket of sources
            for pattern in source.list_patterns():
                if _to_regex(root, pattern).fullmatch(target.as_posix()):
                    return name
    return None


def _to_regex(root: Path, pattern: str) -> re.Pattern[str]:
    """A glob as a regular expression over absolute paths: ** is any number of folders, * and ? stay in one."""
    text = pattern if Path(pattern).is_absolute() else f"{root.as_posix()}/{pattern}"
    parts = re.split(r"(\*\*/|\*\*|\*|\?|\[[^\]]+\])", Path(text).as_posix())
    return re.compile("".join(_GLOB.get(part) or _translate(part) for part in parts))


_GLOB = {"**/": r"(?:[^/]+/)*", "**": r".*", "*": r"[^/]*", "?": r"[^/]"}


def _translate(part: str) -> str:
    return part.replace("[!", "[^") if part.startswith("[") and part.endswith("]") else re.escape(part)
