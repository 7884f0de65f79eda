"""The command line: thin commands, each of which calls one library verb and shows what it returns."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from patron.cli.commands import (
    audience as audiences,
)
from patron.cli.commands import (
    dashboard as dashboards,
)
from patron.cli.commands import (
    init as shops,
)
from patron.cli.commands import (
    publish as publishing,
)
from patron.cli.commands import (
    quarantine as bad_rows,
)
from patron.cli.commands import (
    query as asking,
)
from patron.cli.commands import (
    report as reporting,
)
from patron.cli.commands import (
    run as running,
)
from patron.cli.commands import (
    value as values,
)
from patron.cli.commands import (
    verify as verifying,
)
from patron.errors import PatronError, stopped_by_the_user

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

for command in (
    *(shops.init, running.run, shops.demo, running.check, running.status),
    *(bad_rows.quarantine, bad_rows.replay),
    *(asking.profile, asking.history, asking.query, asking.ask, asking.tables),
    *(reporting.report, dashboards.dashboard, dashboards.dashboard_user),
    *(audiences.audience, publishing.publish, values.value, verifying.verify, running.doctor),
):
    app.command()(command)


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
