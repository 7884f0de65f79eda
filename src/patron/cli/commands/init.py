"""Commands that make a shop."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from patron.cli.commands.options import JsonOption, QuietOption


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
    from patron.cli.output import console as show
    from patron.examples import scaffold

    made = scaffold.init(folder, example, data)
    if as_json:
        show.as_json({"project": str(made.resolve())})
    else:
        show.made(made, example, data)


def demo(
    name: Annotated[str, typer.Argument(help="A shipped shop.")] = "online_retail",
    folder: Annotated[Path | None, typer.Option(help="Where to make it; a temporary folder, if unset.")] = None,
    quiet: QuietOption = False,
) -> None:
    """Make a shipped shop, run it, and say what to ask next.

    Example: patron demo online_retail --folder demo
    """
    import tempfile

    from patron.cli.output import console as show
    from patron.cli.output.progress import show_progress
    from patron.examples import scaffold
    from patron.pipeline.run import run as run_project
    from patron.project.project import Project

    target = folder or Path(tempfile.mkdtemp(prefix="patron-")) / name
    made = scaffold.init(target, name)
    loaded = Project.load(made)
    with show_progress(quiet=quiet) as stages:
        report = run_project(loaded, stages=stages)
    show.ran(report)
    show.overview(loaded)
    show.next_steps(loaded, made)
