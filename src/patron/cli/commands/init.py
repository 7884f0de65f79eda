"""Commands that create a project."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from patron.cli.commands.options import JsonOption, QuietOption
from patron.examples.additions.registry import ADDITIONS

_PLATFORMS = ("amazon", "etsy", "magento", "shopify", "square", "stripe", "woocommerce")
"""The presets of `examples/presets`, named here so that help need not read them."""


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to create.")],
    example: Annotated[str | None, typer.Option(help="Start from an example shop.")] = None,
    data: Annotated[
        Path | None, typer.Option(help="Your own files: in the example's format, or in any format without --example.")
    ] = None,
    platform: Annotated[
        str | None, typer.Option("--from", help=f"The platform whose export the files are: {', '.join(_PLATFORMS)}.")
    ] = None,
    additions: Annotated[
        list[str] | None, typer.Option("--with", help=f"Also write: {', '.join(sorted(ADDITIONS))}. Repeatable.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Create a project folder with its patron.yaml.

    Files of your own are read, and mapped by their headers and values. What they leave open is asked in a terminal, and
    otherwise stands as a list of questions at the top of patron.yaml. `--with` alone adds to a project that is there.

    Example: patron init my-shop --data exports/
    """
    from patron.cli.output.console import print_json
    from patron.cli.output.overview import print_added, print_created
    from patron.cli.output.questions import ask
    from patron.examples import scaffold
    from patron.examples.additions.write import check_names, write_additions
    from patron.examples.first_mapping.questions import leave_open

    wanted = additions or []
    check_names(wanted)
    is_there = bool(wanted) and (folder / "patron.yaml").is_file() and not (example or data or platform)
    if not is_there:
        answer = ask if sys.stdin.isatty() and not as_json else leave_open
        scaffold.init(folder, example, data, platform, answer)
    files = write_additions(folder, wanted) if wanted else []
    if as_json:
        added = {"files": [str(path.resolve()) for path in files]} if wanted else {}
        print_json({"project": str(folder.resolve()), **added})
        return
    if not is_there:
        print_created(folder, example, data)
    print_added(wanted, files)


def demo(
    name: Annotated[str, typer.Argument(help="An example shop.")] = "online_retail",
    folder: Annotated[
        Path | None, typer.Option(help="The folder to create.", show_default="a temporary folder")
    ] = None,
    quiet: QuietOption = False,
) -> None:
    """Create an example shop, run it, and show the results.

    Example: patron demo online_retail --folder demo
    """
    import tempfile

    from patron.cli.output.overview import print_next_steps, print_overview
    from patron.cli.output.progress import show_progress
    from patron.cli.output.run import print_run
    from patron.cli.start_arrow import start_arrow_without_pandas
    from patron.examples import scaffold
    from patron.pipeline import run
    from patron.project.project import Project

    start_arrow_without_pandas()
    target = folder or Path(tempfile.mkdtemp(prefix="patron-")) / name
    created = scaffold.init(target, name)
    loaded = Project.load(created)
    with show_progress(quiet=quiet) as stages:
        report = run.run(loaded, stages=stages)
    print_run(report)
    print_overview(loaded)
    print_next_steps(loaded, created)
