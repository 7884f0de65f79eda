"""`patron diff`: what a build did to gold."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from patron.cli.commands.options import JsonOption, ProjectOption, load_project, refuse_together

_STATE = "Compare what `patron run --changed --state` built with this folder, from which it started."


def diff(
    project: ProjectOption = Path(),
    before: Annotated[
        str | None, typer.Option("--from", help="A kept snapshot.", show_default="the one before")
    ] = None,
    after: Annotated[str | None, typer.Option("--to", help="A kept snapshot.", show_default="the current one")] = None,
    state: Annotated[Path | None, typer.Option(help=_STATE)] = None,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown, for a pull request.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show what a build changed in gold.

    For each table, by the key of its grain: rows added, removed and changed, and in which columns; never a value.

    Example: patron diff
    """
    from patron.cli.output.console import print_json
    from patron.cli.output.diff import print_diff, write_markdown
    from patron.pipeline.diff import diff_gold

    refuse_together({"--state": state}, {"--from": before, "--to": after})
    refuse_together({"--markdown": as_markdown}, {"--json": as_json})
    found = diff_gold(load_project(project), before=before, after=after, state=state)
    if as_json:
        print_json(found.as_dict())
    elif as_markdown:
        typer.echo(write_markdown(found))
    else:
        print_diff(found)
