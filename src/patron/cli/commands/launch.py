"""Commands that start everything a shop needs on this machine, and stop it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from patron.cli.commands.options import JsonOption, ProjectOption, QuietOption, load_project


def up(
    project: ProjectOption = Path(),
    port: Annotated[int, typer.Option(min=1, max=65535, help="The dashboard's port.")] = 8501,
    local: Annotated[
        bool, typer.Option("--local", help="Start processes, even if there is a compose.yaml and an engine for it.")
    ] = False,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open a browser.")] = False,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Run the shop, start its dashboard and what else it needs, and leave them running.

    Starts the containers of compose.yaml where an engine for them answers, and processes of this machine otherwise.
    What runs already stays; `patron down` stops it.

    Example: patron up --port 8600 --no-browser
    """
    import webbrowser

    from patron.cli.output.console import print_json
    from patron.cli.output.launch import print_launched
    from patron.cli.output.progress import show_progress
    from patron.cli.start_arrow import start_arrow_without_pandas
    from patron.launch.launch import up

    loaded = load_project(project)
    start_arrow_without_pandas()
    with show_progress(quiet=quiet or as_json) as stages:
        launched = up(loaded, port=port, local=local, stages=stages)
    if as_json:
        print_json({"url": launched.url, "services": launched.services})
        return
    print_launched(launched)
    if not no_browser:
        webbrowser.open(launched.url)


def down(project: ProjectOption = Path(), as_json: JsonOption = False) -> None:
    """Stop what `patron up` started. Data, tables and volumes stay.

    Example: patron down
    """
    from patron.cli.output.console import print_json
    from patron.cli.output.launch import print_stopped
    from patron.launch.launch import down

    stopped = down(load_project(project))
    if as_json:
        print_json({"stopped": stopped})
    else:
        print_stopped(stopped)
