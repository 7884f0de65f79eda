"""`patron inspect`: what files and landed sources hold."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from patron.cli.commands.options import JsonOption, ProjectOption, load_project


def inspect(
    targets: Annotated[
        list[str], typer.Argument(metavar="FILES", help="Files, folders, or names of sources that have landed.")
    ],
    project: ProjectOption = Path(),
    rows: Annotated[int | None, typer.Option(min=1, help="Read only so many rows of each.", show_default="all")] = None,
    as_json: JsonOption = False,
) -> None:
    """Show what files hold: columns, types, blanks, ranges, keys, formats, and what is odd.

    Needs no project. In one, the name of a source shows what landed, and which of its columns nothing maps. Values
    that look personal are not shown.

    Example: patron inspect orders.csv customers.csv
    """
    from patron.cli.output.console import print_json
    from patron.cli.output.inspection import print_inspection
    from patron.pipeline.inspect import Inspection, inspect_files, inspect_source

    files = [Path(target) for target in targets if Path(target).exists() or not _is_source(project, target)]
    sources = [target for target in targets if Path(target) not in files]
    found = inspect_files(files, rows)
    for source in sources:
        landed = inspect_source(load_project(project), source, rows)
        found = Inspection(found.tables + landed.tables, found.skipped, found.unmapped | landed.unmapped)
    if as_json:
        print_json(found.as_dict())
    else:
        print_inspection(found)


def _is_source(project: Path, name: str) -> bool:
    from patron.project.project import FILE_NAME

    return (project / FILE_NAME).is_file() and name in load_project(project).settings.sources
