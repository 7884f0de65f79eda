"""The files of the dbt project that ship with patron: the same in every rendered project."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path

_SUFFIXES = {".sql", ".yml", ".md"}


@cache
def read_shipped_files() -> dict[str, str]:
    """Read the shipped files: name in the project -> text."""
    root = Path(str(resources.files("patron.transform").joinpath("sql")))
    found = (path for path in root.rglob("*") if path.suffix in _SUFFIXES)
    return {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in found}
