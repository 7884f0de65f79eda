"""Commands that bring a project up to date with its sources, and verify it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from patron.cli.commands.options import (
    JsonOption,
    ProjectOption,
    QuietOption,
    load_project,
    refuse_together,
    refuse_without,
)

_FULL_COMPARE = "Read database tables in full even where they have a cursor, to find deleted rows."
_CHANGED = "Build only what changed in the project since its last build, and what depends on it; nothing lands."
_STATE = "With --changed: start from the last build in this folder, of main; the result is built beside, in .patron."
_DAYS = (
    "Build these days of the day-grained tables again, FROM..TO or one day, and leave all other days; nothing lands."
)
_SELECT = "Build only these models, in dbt's selection syntax; nothing is published."


def run(
    project: ProjectOption = Path(),
    full_refresh: Annotated[
        bool, typer.Option("--full-refresh", help="Rebuild every table from the lake, even if nothing is new.")
    ] = False,
    full_compare: Annotated[bool, typer.Option("--full-compare", help=_FULL_COMPARE)] = False,
    refit: Annotated[bool, typer.Option("--refit", help="Fit every model again before predicting.")] = False,
    select: Annotated[str | None, typer.Option(help=_SELECT)] = None,
    changed: Annotated[bool, typer.Option("--changed", help=_CHANGED)] = False,
    state: Annotated[Path | None, typer.Option(help=_STATE)] = None,
    days: Annotated[str | None, typer.Option(metavar="FROM..TO", help=_DAYS)] = None,
    as_of: Annotated[str | None, typer.Option(help="Measure as of this day: latest, today, or YYYY-MM-DD.")] = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Load new data and bring the gold tables up to date.

    Example: patron run --as-of 2011-12-10
    """
    from patron.cli.output.console import print_json
    from patron.cli.output.progress import show_progress
    from patron.cli.output.run import print_run
    from patron.cli.start_arrow import start_arrow_without_pandas
    from patron.pipeline.notify.notify import tell_failure, tell_run
    from patron.pipeline.run import run
    from patron.transform.days import Days

    whole = {"--full-refresh": full_refresh, "--full-compare": full_compare, "--refit": refit, "--select": select}
    refuse_together({"--changed": changed, "--days": days}, whole)
    refuse_together({"--changed": changed}, {"--days": days})
    refuse_together({"--days": days}, {"--as-of": as_of})
    refuse_without("--state", state, "--changed", changed)
    chosen = Days.parse(days) if days else None
    loaded = load_project(project, as_of)
    start_arrow_without_pandas()
    with tell_failure(loaded, "run", say_unsent), show_progress(quiet=quiet or as_json) as stages:
        if chosen:
            from patron.pipeline.days import run_days

            report = run_days(loaded, chosen, stages=stages)
        elif changed:
            from patron.pipeline.changed import run_changed

            report = run_changed(loaded, state=state, stages=stages)
        else:
            report = run(
                loaded, full_refresh=full_refresh, full_compare=full_compare, refit=refit, select=select, stages=stages
            )
    if as_json:
        print_json(report.as_dict())
    else:
        print_run(report)
    say_unsent(tell_run(loaded, report))


def say_unsent(reasons: list[str]) -> None:
    """Say on standard error which messages did not go out; the run or check is what it is."""
    for reason in reasons:
        typer.echo(f"warning: {reason}", err=True)


def status(project: ProjectOption = Path(), as_json: JsonOption = False) -> None:
    """Show how current each source and the gold tables are.

    Example: patron status
    """
    from dataclasses import asdict

    from patron.cli.output.console import print_json
    from patron.cli.output.run import print_status
    from patron.pipeline import status

    rows = status.status(load_project(project))
    if as_json:
        print_json([asdict(row) for row in rows])
    else:
        print_status(rows)


def check(
    project: ProjectOption = Path(),
    against_full: Annotated[
        bool, typer.Option("--against-full", help="Also compare gold with a separate full build.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Verify the tables from the lake up.

    Checks that every row is accounted for, the ledger closes, all data tests pass and the sources are fresh. Exits 5
    if a check fails.

    Example: patron check --against-full
    """
    from patron.cli.output.console import print_json
    from patron.cli.output.findings import print_findings
    from patron.pipeline.check import check
    from patron.pipeline.notify.notify import tell_check, tell_failure

    loaded = load_project(project)
    with tell_failure(loaded, "check", say_unsent):
        report = check.check(loaded, against_full=against_full)
    if as_json:
        print_json(report.as_dict())
    else:
        print_findings(report.findings)
    say_unsent(tell_check(loaded, report))
    if report.failed:
        raise typer.Exit(5)


def tidy(
    project: ProjectOption = Path(),
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be merged and deleted.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Merge small files of the lake, and delete files and snapshots that nobody needs.

    `patron run` does this once a day. The setting `keep` says what stays; nothing that counts is deleted.

    Example: patron tidy --dry-run
    """
    from patron.cli.output.console import print_json
    from patron.cli.output.run import print_tidied
    from patron.pipeline.tidy import tidy

    done = tidy(load_project(project), dry_run=dry_run)
    if as_json:
        print_json(done.as_dict())
    else:
        print_tidied(done)


def doctor(project: ProjectOption = Path(), as_json: JsonOption = False) -> None:
    """Diagnose the machine and the project.

    Changes nothing. Exits 5 if something needs fixing.

    Example: patron doctor
    """
    from dataclasses import asdict

    from patron.cli.output.console import print_json
    from patron.cli.output.findings import print_findings
    from patron.pipeline.doctor import diagnose

    found = diagnose(project)
    if as_json:
        print_json([asdict(finding) for finding in found])
    else:
        print_findings(found)
    if any(finding.status == "fail" for finding in found):
        raise typer.Exit(5)
