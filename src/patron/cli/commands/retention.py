"""`patron retention`: how long subscribers stay, from a table of subscriptions alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from patron.cli.commands.options import JsonOption, OverwriteOption

_END = "The column with the day from which it no longer counts; empty while it runs."
_PERIOD = "The time from one renewal to the next: month, quarter, year, week, or a number such as '30 days'."
_AS_OF = "Measure at the end of this day: latest (the last day in the table), today, or YYYY-MM-DD."


def retention(
    subscriptions: Annotated[
        str,
        typer.Argument(
            metavar="SUBSCRIPTIONS",
            help="Parquet or CSV files with one row per subscription: a path, or a pattern with *.",
        ),
    ],
    to: Annotated[Path, typer.Option(help="The .parquet or .csv file to write, with one row per subscription.")],
    customer: Annotated[str, typer.Option(help="The column with the customer.")] = "customer_id",
    start: Annotated[str, typer.Option(help="The column with the first day.")] = "started_at",
    end: Annotated[str, typer.Option(help=_END)] = "ended_at",
    amount: Annotated[str, typer.Option(help="The column with the price per period, if values are wanted.")] = "",
    period: Annotated[str, typer.Option(help=_PERIOD)] = "month",
    as_of: Annotated[str, typer.Option(help=_AS_OF)] = "latest",
    horizon: Annotated[int, typer.Option(help="How many renewals ahead expected_renewals counts.")] = 12,
    discount_rate: Annotated[
        float, typer.Option(help="Per year: an amount a year from now counts 1 / (1 + rate).")
    ] = 0.1,
    gross_margin: Annotated[float, typer.Option(help="Share of the price that is margin, 0 to 1.")] = 1.0,
    overwrite: OverwriteOption = False,
    as_json: JsonOption = False,
) -> None:
    """Predict how long subscribers stay and what they are still worth, from a table of subscriptions alone.

    Needs no project. Exits 3 if there is too little data.

    Example: patron retention subscriptions.csv --amount price --period month --to retention.csv
    """
    from patron.cli.output.console import print_json
    from patron.cli.output.retention import print_retention
    from patron.predict import subscriptions_file

    done = subscriptions_file.retention(
        subscriptions,
        to,
        customer=customer,
        start=start,
        end=end,
        amount=amount,
        period=period,
        as_of=as_of,
        horizon=horizon,
        discount_rate=discount_rate,
        gross_margin=gross_margin,
        overwrite=overwrite,
    )
    if as_json:
        print_json(done.as_dict())
    else:
        print_retention(done)
