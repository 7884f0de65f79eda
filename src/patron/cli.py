"""The command line: thin commands, each of which calls one library verb and shows what it returns."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from patron.cli_audience import audience
from patron.cli_dashboard import dashboard, dashboard_user
from patron.cli_options import CsvOption, JsonOption, ProjectOption
from patron.cli_publish import publish
from patron.cli_value import value
from patron.cli_verify import verify
from patron.errors import PatronError, stopped_by_the_user

if TYPE_CHECKING:
    from patron.project import Project

EXIT_CODES = {
    0: "done",
    1: "an error without a code of its own",
    2: "the settings, a rule file or an option are wrong; no data was touched",
    3: "a source cannot be read, a database cannot be written, or what was asked for is not there",
    4: "another run is at work on the project",
    5: "a check failed, a data test does not hold, or too many rows are bad",
    6: "the engine stopped: no space, no memory, or a statement it refused",
    7: "nothing is built or published yet",
    130: "stopped by Ctrl-C; run again to go on",
}

_STOPPED = 130

app = typer.Typer(
    name="patron",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="From a shop's raw receipts to what each customer is worth, who is about to leave, why, and what to do.",
    epilog="Exit codes: " + "; ".join(f"{code} {meaning}" for code, meaning in EXIT_CODES.items()) + ".",
)

LimitOption = Annotated[int, typer.Option(min=1, help="Rows to show as a table; --json and --csv give all.")]
SourceOption = Annotated[str | None, typer.Option("--source", help="Only this source of patron.yaml.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="No progress, only the result.")]


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to make.")],
    example: Annotated[str | None, typer.Option(help="Start from a shipped shop.")] = None,
    data: Annotated[
        Path | None, typer.Option(help="Your own files: in the example's shape, or of any shape without one.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Make a project folder with its patron.yaml.

    Example: patron init my-shop --example online_retail --data receipts/
    """
    from patron import scaffold, show

    made = scaffold.init(folder, example, data)
    if as_json:
        show.as_json({"project": str(made.resolve())})
    else:
        show.made(made, example, data)


_FULL_COMPARE = "Also read whole the database tables that have a cursor, and find which rows are gone."


@app.command()
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
    from patron import progress, show
    from patron.pipeline import run as run_project

    loaded = _loaded(project, as_of)
    with progress.shown(quiet or as_json) as stages:
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


@app.command()
def demo(
    name: Annotated[str, typer.Argument(help="A shipped shop.")] = "online_retail",
    folder: Annotated[Path | None, typer.Option(help="Where to make it; a temporary folder, if unset.")] = None,
    quiet: QuietOption = False,
) -> None:
    """Make a shipped shop, run it, and say what to ask next.

    Example: patron demo online_retail --folder demo
    """
    import tempfile

    from patron import progress, scaffold, show
    from patron.pipeline import run as run_project
    from patron.project import Project

    target = folder or Path(tempfile.mkdtemp(prefix="patron-")) / name
    made = scaffold.init(target, name)
    loaded = Project.load(made)
    with progress.shown(quiet) as stages:
        report = run_project(loaded, stages=stages)
    show.ran(report)
    show.overview(loaded)
    show.next_steps(loaded, made)


@app.command()
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
    from patron import show
    from patron.checks import check as check_project

    report = check_project(_loaded(project), against_full=against_full)
    if as_json:
        show.as_json(report.as_dict())
    else:
        show.findings(report.findings)
    if report.failed:
        raise typer.Exit(5)


@app.command()
def status(project: ProjectOption = Path(), as_json: JsonOption = False) -> None:
    """Show where each source stands: what landed, its last event, bad rows, and whether gold is up to it.

    Example: patron status
    """
    from dataclasses import asdict

    from patron import show
    from patron.status import status as status_of

    rows = status_of(_loaded(project))
    if as_json:
        show.as_json([asdict(row) for row in rows])
    else:
        show.status(rows)


@app.command()
def quarantine(
    project: ProjectOption = Path(),
    source: SourceOption = None,
    limit: Annotated[int, typer.Option(min=1, help="Sample rows of each kind.")] = 3,
    as_json: JsonOption = False,
) -> None:
    """Show the bad rows by kind: how many, from which files, and some as they came. Exits 7 before the first run.

    Example: patron quarantine --limit 1
    """
    from patron import show, show_bad_rows
    from patron.quarantine import quarantine as bad_rows_of

    report = bad_rows_of(_loaded(project), source=source, samples=limit)
    if as_json:
        show.as_json(report.as_dict())
    else:
        show_bad_rows.listed(report)


@app.command()
def replay(
    project: ProjectOption = Path(),
    source: SourceOption = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Take bad rows again after patron.yaml was mended, and say how it went. Exits 5 while too many are still bad.

    Example: patron replay
    """
    from patron import progress, show, show_bad_rows
    from patron.replay import replay as replay_project

    loaded = _loaded(project)
    with progress.shown(quiet or as_json) as stages:
        report = replay_project(loaded, source=source, stages=stages)
    if as_json:
        show.as_json(report.as_dict())
    else:
        show_bad_rows.replayed(report)


@app.command()
def profile(customer_id: str, project: ProjectOption = Path(), as_json: JsonOption = False) -> None:
    """Show one customer's card.

    Example: patron profile 17850
    """
    from patron import show
    from patron.card import card

    facts = card(_loaded(project), customer_id)
    if as_json:
        show.as_json(facts)
    else:
        show.card(facts)


@app.command()
def history(customer_id: str, project: ProjectOption = Path(), as_json: JsonOption = False) -> None:
    """Show what one customer was called on each observed day: segment, value tier, risk.

    Example: patron history 17850
    """
    from patron import show
    from patron.card import timeline

    rows = timeline(_loaded(project), customer_id)
    if as_json:
        show.as_json(rows)
    else:
        show.timeline(rows, customer_id)


@app.command()
def query(
    sql: Annotated[str, typer.Argument(help="One select over gold.")],
    project: ProjectOption = Path(),
    limit: LimitOption = 50,
    as_csv: CsvOption = False,
    as_json: JsonOption = False,
) -> None:
    """Ask the published gold tables, read-only.

    Example: patron query "select segment, count(*) as customers from customer_segments group by 1 order by 2 desc"
    """
    from patron import show
    from patron.answers import select

    answer = select(_loaded(project), sql)
    if as_json:
        show.as_json(answer.records())
    elif as_csv:
        answer.write_csv(sys.stdout)
    else:
        show.answer(answer, limit)


@app.command()
def ask(
    question: Annotated[
        str | None, typer.Argument(metavar="NAME", help="A saved question; or one select over gold.")
    ] = None,
    project: ProjectOption = Path(),
    listed: Annotated[
        bool, typer.Option("--list", help="The saved questions, and whether this shop can answer them.")
    ] = False,
    limit: LimitOption = 50,
    as_csv: CsvOption = False,
    as_json: JsonOption = False,
) -> None:
    """Answer a business question that ships with patron. Exits 3 where the shop lacks what it needs, naming it.

    Example: patron ask order_gaps
    """
    from patron import questions, show
    from patron.answers import answer_to, is_name
    from patron.errors import SettingsError

    if listed == (question is not None):
        do = "`patron ask --list` lists them, `patron ask NAME` answers one"
        raise SettingsError("Name one question, or ask for the list.", where="patron ask", do=do)
    if question is None:
        rows = questions.listed(_loaded(project))
        return show.as_json(rows) if as_json else show.questions(rows)
    if not is_name(question):
        return query(question, project, limit, as_csv, as_json)
    saved = questions.question(question)
    answer = answer_to(_loaded(project), saved)
    if as_json:
        return show.as_json(answer.records())
    return answer.write_csv(sys.stdout) if as_csv else show.answer_to(saved.text, answer, limit)


@app.command()
def report(
    period: Annotated[
        str | None,
        typer.Option(help="Such as 2011-11, 2011-Q4, 2011-W45 or 2011.", show_default="the last month that is over"),
    ] = None,
    to: Annotated[
        Path | None, typer.Option(help="The file to write.", show_default="report-<period>.html, here")
    ] = None,
    pdf: Annotated[bool, typer.Option("--pdf", help="Also print it to a PDF beside it, by Chromium.")] = False,
    project: ProjectOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Write the report of a period: metrics, what changed and why, what to do, and the query behind every number.

    Example: patron report --period 2011-11 --to november.html
    """
    from patron import show
    from patron.report.write import write_report

    written = write_report(_loaded(project), period, to, pdf=pdf)
    if as_json:
        show.as_json(written.as_dict())
    else:
        show.reported(written)


@app.command()
def tables(
    name: Annotated[str | None, typer.Argument(help="One table, with its columns.")] = None,
    project: ProjectOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """List the gold tables with their rows and grain, or one table's columns.

    Example: patron tables customer_360
    """
    from patron import show
    from patron.tables import described

    listed = described(_loaded(project), name)
    if as_json:
        show.as_json(listed)
    else:
        show.tables(listed, name)


@app.command()
def doctor(project: ProjectOption = Path(), as_json: JsonOption = False) -> None:
    """Look the machine and the project over and say what to mend. Exits 5 when something is broken.

    Example: patron doctor
    """
    from dataclasses import asdict

    from patron import show
    from patron.doctor import examine

    found = examine(project)
    if as_json:
        show.as_json([asdict(finding) for finding in found])
    else:
        show.findings(found)
    if any(finding.status == "fail" for finding in found):
        raise typer.Exit(5)


app.command()(audience)
app.command()(publish)
app.command()(value)
app.command()(verify)
app.command()(dashboard)
app.command("dashboard-user")(dashboard_user)


def _version(asked: bool) -> None:
    if asked:
        from patron import __version__

        typer.echo(f"patron {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


def _loaded(folder: Path, as_of: str | None = None) -> Project:
    from patron.project import Project

    loaded = Project.load(folder)
    return loaded if as_of is None else loaded.with_as_of(as_of)


def main(arguments: list[str] | None = None) -> None:
    """Entry point: every error that patron raises on purpose becomes a message and its exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    try:
        code = app(args=words, standalone_mode=False)  # a typer.Exit comes back as its code
    except (KeyboardInterrupt, typer.Abort):
        code = _STOPPED
    except PatronError as error:
        if not stopped_by_the_user(error):
            _tell(error, as_json="--json" in words)
            sys.exit(error.exit_code)
        code = _STOPPED
    except SystemExit as leave:
        if not isinstance(leave.__context__, BrokenPipeError):
            raise
        code = 0  # the reader went away, as `| head` does; typer has seen to the pipe
    except Exception as error:
        show_usage = getattr(error, "show", None)  # typer keeps the class of its usage errors to itself
        if show_usage is not None:
            if "--json" in words:
                _print_json({"error": "usage", "what": str(error), "where": "the command line", "next": "see --help"})
            show_usage()
            sys.exit(2)
        if not stopped_by_the_user(error):
            raise
        code = _STOPPED
    if code == _STOPPED:  # typer, too, makes that of a Ctrl-C
        sys.stderr.write("\nStopped. What had landed stays; run again to go on.\n")
    sys.exit(code if isinstance(code, int) else 0)


def _tell(error: PatronError, *, as_json: bool) -> None:
    if as_json:
        _print_json(error.as_dict())
    sys.stderr.write(f"{error}\n")


def _print_json(content: dict[str, str | None]) -> None:
    sys.stdout.write(json.dumps(content, ensure_ascii=False) + "\n")
