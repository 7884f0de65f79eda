"""Commands about rows that could not be used."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from patron.cli.commands.options import JsonOption, ProjectOption, QuietOption, SourceOption, project_at


def quarantine(
    project: ProjectOption = Path(),
    source: SourceOption = None,
    limit: Annotated[int, typer.Option(min=1, help="Sample rows of each kind.")] = 3,
    as_json: JsonOption = False,
) -> None:
    """Show the bad rows by kind: how many, from which files, and some as they came. Exits 7 before the first run.

    Example: patron quarantine --limit 1
    """
    from patron.cli.output import console as show
    from patron.cli.output import quarantine as show_bad_rows
    from patron.transform.quarantine.report import quarantine as bad_rows_of

    report = bad_rows_of(project_at(project), source=source, samples=limit)
    if as_json:
        show.as_json(report.as_dict())
    else:
        show_bad_rows.listed(report)


def replay(
    project: ProjectOption = Path(),
    source: SourceOption = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Take bad rows again after patron.yaml was mended, and say how it went. Exits 5 while too many are still bad.

    Example: patron replay
    """
    from patron.cli.output import console as show
    from patron.cli.output import quarantine as show_bad_rows
    from patron.cli.output.progress import show_progress
    from patron.pipeline.replay import replay as replay_project

    loaded = project_at(project)
    with show_progress(quiet=quiet or as_json) as stages:
        report = replay_project(loaded, source=source, stages=stages)
    if as_json:
        show.as_json(report.as_dict())
    else:
        show_bad_rows.replayed(report)
