"""Commands about rows that could not be used."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from patron.cli.commands.options import JsonOption, ProjectOption, QuietOption, SourceOption, load_project


def quarantine(
    project: ProjectOption = Path(),
    source: SourceOption = None,
    limit: Annotated[int, typer.Option(min=1, help="Sample rows of each kind.")] = 3,
    as_json: JsonOption = False,
) -> None:
    """List bad rows by kind, with their files and samples.

    Exits 7 before the first run.

    Example: patron quarantine --limit 1
    """
    from patron.cli.output.console import print_json
    from patron.cli.output.quarantine import print_bad_rows
    from patron.transform.quarantine import report

    found = report.quarantine(load_project(project), source=source, samples=limit)
    if as_json:
        print_json(found.as_dict())
    else:
        print_bad_rows(found)


def replay(
    project: ProjectOption = Path(),
    source: SourceOption = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Retry bad rows after you fixed patron.yaml.

    Reads unreadable rows again, runs the project, and reports what became of every bad row. Exits 5 if too many rows
    are still bad.

    Example: patron replay
    """
    from patron.cli.output.console import print_json
    from patron.cli.output.progress import show_progress
    from patron.cli.output.quarantine import print_replay
    from patron.pipeline import replay

    loaded = load_project(project)
    with show_progress(quiet=quiet or as_json) as stages:
        report = replay.replay(loaded, source=source, stages=stages)
    if as_json:
        print_json(report.as_dict())
    else:
        print_replay(report)
