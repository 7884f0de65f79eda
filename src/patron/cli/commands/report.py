"""`patron report`: a period on one page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from patron.cli.commands.options import JsonOption, OverwriteOption, ProjectOption, load_project


def report(
    period: Annotated[
        str | None,
        typer.Option(help="Such as 2011-11, 2011-Q4, 2011-W45 or 2011.", show_default="the last complete month"),
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option(help="The file to write.", show_default="report-<period>.html in the current folder"),
    ] = None,
    pdf: Annotated[bool, typer.Option("--pdf", help="Also write a PDF next to it, with Chromium.")] = False,
    overwrite: OverwriteOption = False,
    project: ProjectOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Write the report of a period as an HTML page.

    It holds the metrics, what changed and why, what to do next, and the query behind every number.

    Example: patron report --period 2011-11 --to november.html
    """
    from patron.cli.output.console import print_json, say
    from patron.serve.report.write import write_report

    written = write_report(load_project(project), period, to, pdf=pdf, overwrite=overwrite)
    if as_json:
        print_json(written.as_dict())
    else:
        pdf_too = f" and {written.pdf}" if written.pdf else ""
        say(f"Wrote the report of {written.period} to {written.html}{pdf_too}.")
