"""The files of a simulated shop, without its project."""

from __future__ import annotations

from pathlib import Path

from patron.examples.scaffold import init
from patron.project.project import Project


def make_example_files(folder: Path, example: str) -> tuple[Path, tuple[str, ...]]:
    """Generate the data of a shipped shop; return its data folder and the files of its first source.

    Raises SettingsError where there is no such example.
    """
    project = Project.load(init(folder, example))
    first = next(iter(project.settings.sources.values()))
    return (project.root / project.settings.data).resolve(), first.files
