"""`patron export`: gold where other tools read it. `patron star`: the star schema in the lake."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from patron.cli.commands.options import JsonOption, ProjectOption
from patron.cli.old_spellings import warn_old_spelling

ToOption = Annotated[
    str,
    typer.Option(
        help="postgres://user@host/database, or the name of an environment variable that holds it; bigquery, "
        "snowflake or databricks, whose accounts are in environment variables; or delta or iceberg, with --folder."
    ),
]
FolderOption = Annotated[str, typer.Option("--folder", help="The folder to write, for destinations that are files.")]
SchemaOption = Annotated[str, typer.Option(help="The schema to write; of BigQuery, the dataset.")]


def export(
    to: ToOption,
    schema: SchemaOption = "gold",
    force: Annotated[
        bool, typer.Option("--force", help="Write every table again, even if it has not changed.")
    ] = False,
    folder: FolderOption = "",
    project: ProjectOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Export the published tables to PostgreSQL, BigQuery, Snowflake, Databricks, Delta or Iceberg tables.

    PostgreSQL gets views for BI tools, too. Readers see the previous tables until all of the new ones are in place.

    Example: patron export --to PATRON_POSTGRES
    """
    from dataclasses import asdict

    from patron.cli.output.console import print_json
    from patron.cli.output.export import print_export
    from patron.project.project import Project
    from patron.publish.destinations import ExportRequest, export_gold

    done = export_gold(Project.load(project), ExportRequest(to, schema, folder, force))
    if as_json:
        print_json(asdict(done))
    else:
        print_export(done)


def star(project: ProjectOption = Path(), as_json: JsonOption = False) -> None:
    """Write the star schema back to the lake, as Delta tables.

    The engine that built the tables writes them, so that Spark writes them in parallel.

    Example: patron star
    """
    from patron.cli.output.console import print_json
    from patron.cli.output.export import print_star
    from patron.project.project import Project
    from patron.publish.star import find_star_folder, write_star

    loaded = Project.load(project)
    rows, folder = write_star(loaded), find_star_folder(loaded)
    if as_json:
        print_json({"folder": str(folder), "tables": rows})
    else:
        print_star(rows, folder)


def publish(
    to: ToOption,
    schema: SchemaOption = "gold",
    force: Annotated[bool, typer.Option("--force", "--anew", help="As of `patron export`.")] = False,
    project: ProjectOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Export the published tables: the old spelling of `patron export`.

    Example: patron publish --to PATRON_POSTGRES
    """
    warn_old_spelling("patron publish" + " --anew" * force, "patron export" + " --force" * force)
    export(to, schema, force, project=project, as_json=as_json)
