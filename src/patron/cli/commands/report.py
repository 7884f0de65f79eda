"""`patron report`: a period on one page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from patron.cli.commands.options import JsonOption, ProjectOption, project_at


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
    from patron.cli.output import console as show
    from patron.serve.report.write import write_report

    written = write_report(project_at(project), period, to, pdf=pdf)
    if as_json:
        show.as_json(written.as_dict())
    else:
        show.reported(written)
