"""`patron lineage`: where a column comes from, and what is made of one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from patron.cli.commands.options import JsonOption, OverwriteOption, ProjectOption, load_project


def lineage(
    name: Annotated[str, typer.Argument(help="A column: TABLE.COLUMN or SOURCE.COLUMN; or a table, for all of its.")],
    project: ProjectOption = Path(),
    is_down: Annotated[
        bool, typer.Option("--downstream", help="Show what is made of the column, not what it is made of.")
    ] = False,
    svg: Annotated[Path | None, typer.Option("--svg", help="Write a picture to this file.")] = None,
    as_mermaid: Annotated[bool, typer.Option("--mermaid", help="Print a Mermaid flowchart.")] = False,
    overwrite: OverwriteOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show which columns of the sources a column is made of, step by step.

    The steps are those of the last build's SQL. Conditions that choose rows (joins, filters) are not followed; values
    in cases, orders and groups are.

    Example: patron lineage customer_360.net_amount
    """
    from patron.cli.output.console import print_json
    from patron.cli.output.lineage import print_column, print_origins
    from patron.transform.lineage.explain import explain_column, list_origins
    from patron.transform.lineage.load import load_lineage
    from patron.transform.lineage.picture import save_svg, write_mermaid

    loaded = load_project(project)
    known = load_lineage(loaded)
    if "." not in name:
        origins = list_origins(known, name)
        return print_json(origins) if as_json else print_origins(origins)
    report = explain_column(loaded, known, name, "down" if is_down else "up")
    if svg is not None:
        save_svg(loaded, svg, report, overwrite=overwrite)
    if as_json:
        return print_json(report.as_dict())
    if as_mermaid:
        return typer.echo(write_mermaid(report), nl=False)
    return print_column(report)
