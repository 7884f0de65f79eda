"""Options that several commands share, and the project that they name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from patron.project.project import Project

ProjectOption = Annotated[
    Path, typer.Option("--project", "-p", help="The project folder.", show_default="the current folder")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
CsvOption = Annotated[bool, typer.Option("--csv", help="Print CSV.")]
LimitOption = Annotated[int, typer.Option(min=1, help="Rows to show in a table; --json and --csv print all.")]
OverwriteOption = Annotated[
    bool, typer.Option("--overwrite", help="Replace the file even if patron did not write it; never a source.")
]
SourceOption = Annotated[str | None, typer.Option("--source", help="Only this source of patron.yaml.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress, only the result.")]


def refuse_both(*, as_json: bool, as_csv: bool) -> None:
    """Raise SettingsError if two forms of output are asked for at once."""
    from patron.errors import SettingsError

    if as_json and as_csv:
        raise SettingsError("--json and --csv are two forms of one output.", where="the command line", do="name one")


def refuse_together(some: Mapping[str, object], others: Mapping[str, object]) -> None:
    """Raise SettingsError if one option of each group is given: they ask for two different things."""
    from patron.errors import SettingsError

    given = [next((name for name, value in group.items() if value), None) for group in (some, others)]
    if all(given):
        what = f"{given[0]} and {given[1]} are two different runs."
        raise SettingsError(what, where="the command line", do="name one")


def refuse_without(option: str, value: object, needed: str, is_given: object) -> None:
    """Raise SettingsError if an option is given without the one that it belongs to."""
    from patron.errors import SettingsError

    if value and not is_given:
        raise SettingsError(f"{option} belongs to {needed}.", where="the command line", do=f"add {needed}")


def load_project(folder: Path, as_of: str | None = None) -> Project:
    """Load the project in a folder, measured as of another day if one is named. Raises SettingsError."""
    from patron.project.project import Project

    project = Project.load(folder)
    return project if as_of is None else project.with_as_of(as_of)
