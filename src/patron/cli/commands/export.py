"""`patron export`: gold in a PostgreSQL server, for BI tools. `patron star`: the star schema in the lake."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from patron.cli.commands.options import JsonOption, ProjectOption
from patron.cli.old_spellings import warn_old_spelling

ToOption = Annotated[
    str, typer.Option(help="postgres://user@host/database, or the name of an environment variable that holds it.")
]
SchemaOption = Annotated[str, typer.Option(help="The schema to write.")]


def export(
    to: ToOption,
    schema: SchemaOption = "gold",
    force: Annotated[
        bool, typer.Option("--force", help="Write every table again, even if it has not changed.")
    ] = False,
    project: ProjectOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Export the published tables to PostgreSQL.

    Adds views for BI tools. Readers there see the previous tables until all of the new ones are in place.

    Example: patron export --to PATRON_POSTGRES
    """
    from dataclasses import asdict

    from patron.cli.output.console import print_json
    from patron.cli.output.export import print_export
    from patron.project.project import Project
    from patron.publish.postgres.export import export_to_postgres

    done = export_to_postgres(Project.load(project), to, schema=schema, force=force)
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
    """Export the published tables to PostgreSQL: the old spelling of `patron export`.

    Example: patron publish --to PATRON_POSTGRES
    """
    warn_old_spelling("patron publish" + " --anew" * force, "patron export" + " --force" * force)
    export(to, schema, force, project, as_json)
