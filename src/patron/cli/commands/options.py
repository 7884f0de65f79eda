"""Options that several commands share, and the project that they name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from patron.project.project import Project

ProjectOption = Annotated[Path, typer.Option("--project", "-p", help="The project folder.", show_default="here")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document, and nothing else.")]
CsvOption = Annotated[bool, typer.Option("--csv", help="Print CSV.")]
LimitOption = Annotated[int, typer.Option(min=1, help="Rows to show as a table; --json and --csv give all.")]
SourceOption = Annotated[str | None, typer.Option("--source", help="Only this source of patron.yaml.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="No progress, only the result.")]


def project_at(folder: Path, as_of: str | None = None) -> Project:
    """The project of a folder, measured at another day where one is named. Raises SettingsError."""
    from patron.project.project import Project

    found = Project.load(folder)
    return found if as_of is None else found.with_as_of(as_of)
