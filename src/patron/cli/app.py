"""The command line: thin commands, each of which calls one library function and prints what it returns."""

from __future__ import annotations

import atexit
import gc
import json
import os
import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer

from patron.cli.commands import (
    audience,
    dashboard,
    dbt,
    diff,
    export,
    init,
    inspect,
    launch,
    lineage,
    notify,
    plan,
    produce,
    quarantine,
    query,
    report,
    retention,
    run,
    stream,
    value,
    verify,
)
from patron.cli.help import GroupedCommands
from patron.contract.outgoing_text import escape_controls_in_json, show_controls
from patron.errors import PatronError, stopped_by_the_user

EXIT_CODES = {
    0: "success",
    1: "an error without a code of its own",
    2: "the settings, a rule file or an option are invalid; no data was changed",
    3: "a source cannot be read, a destination cannot be written, or the requested item does not exist",
    4: "another run is using the project",
    5: "a check or a data test failed, or too many rows are bad",
    6: "the engine stopped: out of disk space or memory, or a statement failed",
    7: "nothing is built or published yet",
    130: "interrupted by Ctrl-C; run again to continue",
}

_STOPPED = 130

app = typer.Typer(
    name="patron",
    cls=GroupedCommands,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="From raw receipts to what each customer is worth, who is about to leave, why, and what to do.",
    epilog="Exit codes: " + "; ".join(f"{code} {meaning}" for code, meaning in EXIT_CODES.items()) + ".",
)

_COMMANDS: dict[str, tuple[Callable[..., Any], ...]] = {
    "Set up a project": (inspect.inspect, init.init, init.demo, run.doctor),
    "Run it": (
        launch.up,
        launch.down,
        run.run,
        stream.stream,
        produce.produce,
        run.status,
        run.check,
        diff.diff,
        notify.notify,
        plan.plan,
        run.tidy,
        quarantine.quarantine,
        quarantine.replay,
    ),
    "Build with dbt": (dbt.land, dbt.dbt),
    "Explore the results": (
        query.tables,
        lineage.lineage,
        query.query,
        query.metric,
        query.ask,
        query.profile,
        query.history,
        report.report,
    ),
    "Share them": (dashboard.dashboard, dashboard.dashboard_user, export.export, export.star),
    "Use the models alone": (value.value, retention.retention, verify.verify),
}
"""Heading in `patron --help` -> its commands."""

_LANDING = ("run", "replay", "demo", "up")
"""What was done before they were stopped is kept."""

_PASS_ON = {"allow_interspersed_args": False, "ignore_unknown_options": True}
"""Of a command whose arguments are those of another program."""

for heading, commands in _COMMANDS.items():
    for command in commands:
        context = _PASS_ON if command is dbt.dbt else None
        app.command(rich_help_panel=heading, context_settings=context)(command)
    if heading == "Share them":
        app.add_typer(audience.app, name="audience", rich_help_panel=heading)
app.command(hidden=True)(export.publish)


def _print_version(wanted: bool) -> None:
    if wanted:
        from patron import __version__

        typer.echo(f"patron {__version__}")
        raise typer.Exit


@app.callback()
def _handle_options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    pass


def main(arguments: list[str] | None = None) -> None:
    """Run a command and exit: every error that patron raises on purpose becomes a message and its exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    os.umask(os.umask(0) | 0o077)  # what is written holds a shop's data: it is its owner's alone
    atexit.register(gc.freeze)  # collecting what the process leaves behind takes half a second once models were fitted
    try:
        code = app(args=words, standalone_mode=False)  # a typer.Exit comes back as its code
    except (KeyboardInterrupt, typer.Abort):
        code = _STOPPED
    except PatronError as error:
        if not stopped_by_the_user(error):
            _print_error(error, as_json="--json" in words)
            sys.exit(error.exit_code)
        code = _STOPPED
    except SystemExit as leave:
        if not isinstance(leave.__context__, BrokenPipeError):
            raise
        code = 0  # the reader went away, as `| head` does; typer has handled the pipe
    except Exception as error:
        show_usage = getattr(error, "show", None)  # typer keeps the class of its usage errors private
        if show_usage is not None:
            if "--json" in words:
                _print_json({"error": "usage", "what": str(error), "where": "the command line", "next": "see --help"})
            show_usage()
            sys.exit(2)
        if not stopped_by_the_user(error):
            raise
        code = _STOPPED
    if code == _STOPPED:  # typer also returns it for a Ctrl-C
        is_run = bool(words) and words[0] in _LANDING
        sys.stderr.write(
            f"\nStopped. {'Landed data is kept; run again to continue.' if is_run else 'Nothing was done.'}\n"
        )
    sys.exit(code if isinstance(code, int) else 0)


def _print_error(error: PatronError, *, as_json: bool) -> None:
    if as_json:
        _print_json(error.as_dict())
    sys.stderr.write(f"{show_controls(str(error))}\n")


def _print_json(content: dict[str, str | None]) -> None:
    sys.stdout.write(escape_controls_in_json(json.dumps(content, ensure_ascii=False)) + "\n")
