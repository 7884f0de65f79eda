"""`patron audience`: lists of people to contact, and the measured effect of contacting them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from patron.cli.commands.options import JsonOption, OverwriteOption, ProjectOption
from patron.cli.old_spellings import warn_old_spelling


class _OldSpellings(TyperGroup):
    """Understands `patron audience NAME`, `--list` and `--measure NAME`, as they were before the subcommands."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and "--help" not in args:
            args = _translate(args)
        return super().parse_args(ctx, args)


def _translate(words: list[str]) -> list[str]:
    """Turn the words of an old spelling into those of a subcommand, with a notice."""
    old, new, subcommand = "patron audience NAME", "patron audience create NAME", "create"
    for option, word in (("--list", "list"), ("--measure", "measure")):
        if any(each.partition("=")[0] == option for each in words):
            old, new, subcommand = f"patron audience {option}", f"patron audience {word}", word
            rest = [each for each in words if each != option]
            words = [each.removeprefix(f"{option}=") for each in rest]
    warn_old_spelling(old, new)
    return [subcommand, *words]


app = typer.Typer(
    cls=_OldSpellings,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Export lists of customers and measure their effect.\n\n"
    'Example: patron audience create "At Risk/Dormant" --to at_risk.csv',
)


@app.command()
def create(
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help="A segment, churn group, tier or cluster; with --sql, a name you choose."),
    ],
    sql: Annotated[
        str | None, typer.Option(help="One select over the gold tables with customer_id, or a .sql file.")
    ] = None,
    top: Annotated[int | None, typer.Option(min=1, help="Only this many customers, ranked by --by.")] = None,
    by: Annotated[
        str | None,
        typer.Option(
            help="The number to rank by, such as predicted_clv_1y or 'value at stake'.", show_default="net_amount"
        ),
    ] = None,
    region: Annotated[str | None, typer.Option(help="Only customers in this region.")] = None,
    channel: Annotated[str | None, typer.Option(help="Only customers who prefer this channel.")] = None,
    holdout: Annotated[
        str | None,
        typer.Option(
            help="Share held out at random as the control group, such as 10% or 0.1.", show_default="audiences.holdout"
        ),
    ] = None,
    columns: Annotated[
        str | None,
        typer.Option("--with", help="More columns, separated by commas; personal ones need audiences.personal."),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(help="A .csv or .parquet file, postgres://..., or an environment variable that holds that."),
    ] = None,
    table: Annotated[str | None, typer.Option(help="The table in PostgreSQL, as schema.table.")] = None,
    overwrite: OverwriteOption = False,
    seed: Annotated[int, typer.Option(help="Another seed draws another control group.")] = 1,
    project: ProjectOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Export a list of customers, with a random control group held out.

    Without --to, shows who would be in it and writes nothing.

    Example: patron audience create "At Risk/Dormant" --top 500 --by predicted_clv_1y --to at_risk.csv
    """
    from patron.activate.audience import AudienceRequest, create_audience
    from patron.cli.output.audience import print_audience
    from patron.cli.output.console import print_json
    from patron.project.project import Project

    loaded = Project.load(project)
    names = tuple(one.strip() for one in (columns or "").split(",") if one.strip())
    share = None if holdout is None else _parse_share(holdout)
    text = None if sql is None else _read_sql(sql)
    request = AudienceRequest(name, text, top, by, region, channel, share, names, seed, to, table, overwrite)
    audience = create_audience(loaded, request)
    if as_json:
        print_json(audience.as_dict())
    else:
        print_audience(audience, loaded)


@app.command("list")
def list_(project: ProjectOption = Path(), as_json: JsonOption = False) -> None:
    """List the audiences that were exported.

    Example: patron audience list
    """
    from dataclasses import asdict

    from patron.activate.record import load_records
    from patron.cli.output.audience import print_audiences
    from patron.cli.output.console import print_json
    from patron.project.project import Project

    loaded = Project.load(project)
    records = load_records(loaded.audiences)
    if as_json:
        print_json([asdict(record) for record in records])
    else:
        print_audiences(records, loaded)


@app.command()
def measure(
    name: Annotated[str, typer.Argument(metavar="NAME", help="An audience, by its name or id.")],
    project: ProjectOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Measure the effect of contacting an audience.

    Compares what the contacted customers bought since with what the control group bought.

    Example: patron audience measure "At Risk/Dormant"
    """
    from patron.activate.effect import measure_effect
    from patron.cli.output.audience import print_effect
    from patron.cli.output.console import print_json
    from patron.project.project import Project

    loaded = Project.load(project)
    effect = measure_effect(loaded, name)
    if as_json:
        print_json(effect.as_dict())
    else:
        print_effect(effect, loaded)


def _parse_share(text: str) -> float:
    """Parse 10% or 0.1 as 0.1. Raises SettingsError for anything else, or outside 0 to 0.9."""
    from patron.errors import SettingsError

    plain = text.strip()
    try:
        share = float(plain.removesuffix("%")) / (100 if plain.endswith("%") else 1)
    except ValueError:
        share = -1
    if not 0 <= share <= 0.9:
        do = "write a share from 0 to 0.9, such as 10% or 0.1; without a control group the effect cannot be measured"
        raise SettingsError(f"{text!r} is not a share from 0 to 0.9.", where="patron audience create --holdout", do=do)
    return share


def _read_sql(sql: str) -> str:
    """Return the select, or read it from the named .sql file. Raises SettingsError if it cannot be read."""
    from patron.errors import SettingsError

    if not sql.strip().lower().endswith(".sql"):
        return sql
    try:
        return Path(sql.strip()).expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        what = f"{sql} cannot be read: {error}."
        raise SettingsError(what, where="patron audience create --sql", do="name a file that can be read") from None
