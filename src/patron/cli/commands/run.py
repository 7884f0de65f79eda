"""Commands that bring a shop up to its sources, and prove it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from patron.cli.commands.options import JsonOption, ProjectOption, QuietOption, project_at

_FULL_COMPARE = "Also read whole the database tables that have a cursor, and find which rows are gone."


def run(
    project: ProjectOption = Path(),
    full_refresh: Annotated[bool, typer.Option("--full-refresh", help="Build again from the lake.")] = False,
    full_compare: Annotated[bool, typer.Option("--full-compare", help=_FULL_COMPARE)] = False,
    refit: Annotated[bool, typer.Option("--refit", help="Fit every model again, then predict.")] = False,
    select: Annotated[str | None, typer.Option(help="Only these models, as dbt selects them; not published.")] = None,
    as_of: Annotated[str | None, typer.Option(help="Measure at this day: latest, today, or YYYY-MM-DD.")] = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Land what is new and bring gold up to it.

    Example: patron run --as-of 2011-12-10
    """
    from patron.cli.output import console as show
    from patron.cli.output.progress import show_progress
    from patron.pipeline.run import run as run_project

    loaded = project_at(project, as_of)
    with show_progress(quiet=quiet or as_json) as stages:
        report = run_project(
            loaded,
            full_refresh=full_refresh,
            full_compare=full_compare,
            refit=refit,
            select=select,
            stages=stages,
        )
    if as_json:
        show.as_json(report.as_dict())
    else:
        show.ran(report)


def check(
    project: ProjectOption = Path(),
    against_full: Annotated[
        bool, typer.Option("--against-full", help="Also build everything again aside and compare gold.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Prove the tables: rows accounted for, ledger closed, rules held, sources fresh. Exits 5 when one fails.

    Example: patron check --against-full
    """
    from patron.cli.output import console as show
    from patron.pipeline.check.check import check as check_project

    report = check_project(project_at(project), against_full=against_full)
    if as_json:
        show.as_json(report.as_dict())
    else:
        show.findings(report.findings)
    if report.failed:
        raise typer.Exit(5)


def status(project: ProjectOption = Path(), as_json: JsonOption = False) -> None:
    """Show where each source stands: what landed, its last event, bad rows, and whether gold is up to it.

    Example: patron status
    """
    from dataclasses import asdict

    from patron.cli.output import console as show
    from patron.pipeline.status import status as status_of

    rows = status_of(project_at(project))
    if as_json:
        show.as_json([asdict(row) for row in rows])
    else:
        show.status(rows)


def doctor(project: ProjectOption = Path(), as_json: JsonOption = False) -> None:
    """Look the machine and the project over and say what to mend. Exits 5 when something is broken.

    Example: patron doctor
    """
    from dataclasses import asdict

    from patron.cli.output import console as show
    from patron.pipeline.doctor import examine

    found = examine(project)
    if as_json:
        show.as_json([asdict(finding) for finding in found])
    else:
        show.findings(found)
    if any(finding.status == "fail" for finding in found):
        raise typer.Exit(5)
