"""`patron publish`: gold in a PostgreSQL server, for BI tools."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from patron.cli.commands.options import JsonOption, ProjectOption


def publish(
    to: Annotated[
        str, typer.Option(help="postgres://user@host/database, or the name of an environment variable that holds it.")
    ],
    schema: Annotated[str, typer.Option(help="The schema to fill.")] = "gold",
    anew: Annotated[bool, typer.Option("--anew", help="Also write what is there already.")] = False,
    project: ProjectOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Write the published tables to PostgreSQL, with views for BI tools. Readers there see the old or the new, whole.

    Example: patron publish --to PATRON_POSTGRES
    """
    from dataclasses import asdict

    from patron.cli.output import console as show
    from patron.cli.output import publish as show_publish
    from patron.project.project import Project
    from patron.publish.postgres.publish import publish_to

    done = publish_to(Project.load(project), to, schema=schema, anew=anew)
    if as_json:
        show.as_json(asdict(done))
    else:
        show_publish.published(done)
