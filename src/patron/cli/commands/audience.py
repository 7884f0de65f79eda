"""`patron audience`: lists of people to contact, and what contacting them did."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from patron.cli.commands.options import JsonOption, ProjectOption

if TYPE_CHECKING:
    from patron.project.project import Project


def audience(
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="A segment, churn group, tier or cluster; with --sql, a name of your own."),
    ] = None,
    sql: Annotated[
        str | None, typer.Option(help="One select over gold that gives customer_id, or a file with it.")
    ] = None,
    top: Annotated[int | None, typer.Option(min=1, help="Only so many, those with most of --by.")] = None,
    by: Annotated[
        str | None,
        typer.Option(help="Rank by this number: net_amount (unless said), predicted_clv_1y, 'value at stake', ..."),
    ] = None,
    region: Annotated[str | None, typer.Option(help="Only this region.")] = None,
    channel: Annotated[str | None, typer.Option(help="Only this preferred channel.")] = None,
    holdout: Annotated[
        str | None, typer.Option(help="Share kept aside at random, such as 10% or 0.1; audiences.holdout, unless said.")
    ] = None,
    columns: Annotated[
        str | None, typer.Option("--with", help="More columns, by comma; personal ones need audiences.personal.")
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(help="A .csv or .parquet file, postgres://..., or an environment variable that holds that."),
    ] = None,
    table: Annotated[str | None, typer.Option(help="The table in PostgreSQL, as schema.table.")] = None,
    seed: Annotated[int, typer.Option(help="Another seed holds other people out.")] = 1,
    listed: Annotated[bool, typer.Option("--list", help="The audiences that were made.")] = False,
    measure: Annotated[
        str | None, typer.Option(metavar="NAME", help="What contacting an audience did, by its name or id.")
    ] = None,
    project: ProjectOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Write a list of people to contact, with a random part held out; later, measure what contacting them did.

    Example: patron audience "At Risk" --top 500 --by predicted_clv_1y --to at_risk.csv
    """
    from patron.errors import SettingsError
    from patron.project.project import Project

    if (name is not None) + listed + (measure is not None) != 1:
        do = '`patron audience "At Risk" --to FILE` makes one, --list shows all, --measure NAME measures one'
        raise SettingsError("Name one audience, or ask for the list or a measurement.", where="patron audience", do=do)
    loaded = Project.load(project)
    if listed:
        return _list(loaded, as_json)
    if measure is not None:
        return _measure(loaded, measure, as_json)
    from patron.activate.audience import Wish
    from patron.activate.audience import audience as make
    from patron.cli.output import audience as show_audience
    from patron.cli.output import console as show

    said = tuple(one.strip() for one in (columns or "").split(",") if one.strip())
    share = None if holdout is None else _share(holdout)
    text = None if sql is None else _text(sql)
    made = make(loaded, Wish(str(name), text, top, by, region, channel, share, said, seed, to, table))
    return show.as_json(made.as_dict()) if as_json else show_audience.made(made, loaded)


def _list(project: Project, as_json: bool) -> None:
    from dataclasses import asdict

    from patron.activate.record import records
    from patron.cli.output import audience as show_audience
    from patron.cli.output import console as show

    found = records(project.audiences)
    if as_json:
        show.as_json([asdict(record) for record in found])
    else:
        show_audience.listed(found, project)


def _measure(project: Project, asked: str, as_json: bool) -> None:
    from patron.activate.effect import measure
    from patron.cli.output import audience as show_audience
    from patron.cli.output import console as show

    effect = measure(project, asked)
    if as_json:
        show.as_json(effect.as_dict())
    else:
        show_audience.measured(effect, project)


def _share(text: str) -> float:
    """10% or 0.1 as 0.1. Raises SettingsError for anything else, and beyond 0 to 0.9."""
    from patron.errors import SettingsError

    plain = text.strip()
    try:
        share = float(plain.removesuffix("%")) / (100 if plain.endswith("%") else 1)
    except ValueError:
        share = -1
    if not 0 <= share <= 0.9:
        do = "write a share from 0 to 0.9, such as 10% or 0.1; 0 holds nobody out, and then nothing can be measured"
        raise SettingsError(f"{text!r} is no share to hold out.", where="patron audience --holdout", do=do)
    return share


def _text(sql: str) -> str:
    """The select itself, or what a file of that name holds. Raises SettingsError where the file cannot be read."""
    from patron.errors import SettingsError

    if not sql.strip().lower().endswith(".sql"):
        return sql
    try:
        return Path(sql.strip()).expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{sql} cannot be read: {error}.", where="patron audience --sql", do="name a file"
        ) from None
