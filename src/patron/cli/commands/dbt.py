"""Commands for those who build the tables with dbt."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from patron.cli.commands.options import JsonOption, ProjectOption, load_project

_ENGINE = "Write the models for bigquery, snowflake or databricks, into .patron/dbt-ENGINE."


def land(project: ProjectOption = Path(), as_json: JsonOption = False) -> None:
    """Load new data into the lake, and build nothing.

    Example: patron land
    """
    from dataclasses import asdict

    from patron.cli.output.console import print_json
    from patron.cli.output.run import print_landed
    from patron.cli.start_arrow import start_arrow_without_pandas
    from patron.pipeline import dbt

    start_arrow_without_pandas()
    landed = dbt.land(load_project(project))
    if as_json:
        print_json({name: asdict(landing) for name, landing in landed.items()})
    else:
        print_landed(landed)


def dbt(
    arguments: Annotated[list[str], typer.Argument(metavar="COMMAND...", help="A command of dbt with its options.")],
    project: ProjectOption = Path(),
    engine: Annotated[str | None, typer.Option(help=_ENGINE)] = None,
) -> None:
    """Run a command of dbt on the project's models, as they are now.

    patron writes the models and lets the warehouse read what has landed; dbt does the rest. patron's own options go
    before the command of dbt; what follows it is dbt's. Exits as dbt does.

    Example: patron dbt build
    """
    from patron.pipeline.dbt import run_dbt

    raise typer.Exit(run_dbt(load_project(project), arguments, engine))
