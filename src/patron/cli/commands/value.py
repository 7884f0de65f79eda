"""`patron value`: predicted customer value from a table of orders alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from patron.cli.commands.options import JsonOption, OverwriteOption

_MODELS = "mbg_nbd, bg_nbd or pareto_nbd; auto is mbg_nbd, the model that a run falls back to."
_MEMORY = "Approximate memory limit, such as 4GB; a larger table is read in several passes."
_AS_OF = "Measure at the end of this day: latest (the day of the last order), today, or YYYY-MM-DD."


def value(
    orders: Annotated[
        str,
        typer.Argument(
            metavar="ORDERS", help="Parquet or CSV files with one row per order: a path, or a pattern with *."
        ),
    ],
    to: Annotated[Path, typer.Option(help="The .parquet or .csv file to write, with one row per buyer.")],
    customer: Annotated[
        str, typer.Option(help="The column with the customer; null or blank is a guest.")
    ] = "customer_id",
    at: Annotated[str, typer.Option(help="The column with the date or time.")] = "ordered_at",
    amount: Annotated[str, typer.Option(help="The column with the amount; below 0 is a refund.")] = "amount",
    as_of: Annotated[str, typer.Option(help=_AS_OF)] = "latest",
    model: Annotated[str, typer.Option(help=_MODELS)] = "auto",
    horizon_days: Annotated[int, typer.Option(help="The horizon of expected_purchases_horizon, in days.")] = 1095,
    discount_rate: Annotated[
        float, typer.Option(help="Per year: an amount a year from now counts 1 / (1 + rate).")
    ] = 0.1,
    gross_margin: Annotated[float, typer.Option(help="Share of revenue that is margin, 0 to 1.")] = 0.3,
    memory_limit: Annotated[str, typer.Option(help=_MEMORY)] = "4GB",
    threads: Annotated[int | None, typer.Option(min=1, help="Threads to use.", show_default="all cores")] = None,
    overwrite: OverwriteOption = False,
    as_json: JsonOption = False,
) -> None:
    """Predict customer value from a table of orders alone.

    Needs no project. Exits 3 if there is too little data.

    Example: patron value orders.parquet --customer customer_id --at ordered_at --amount amount --to clv.parquet
    """
    from patron.cli.output.console import print_json
    from patron.cli.output.value import print_valuation
    from patron.predict import orders_file

    done = orders_file.value(
        orders,
        to,
        customer=customer,
        at=at,
        amount=amount,
        as_of=as_of,
        gross_margin=gross_margin,
        settings=orders_file.build_settings(model=model, horizon_days=horizon_days, discount_rate=discount_rate),
        memory_limit=memory_limit,
        threads=threads,
        overwrite=overwrite,
    )
    if as_json:
        print_json(done.as_dict())
    else:
        print_valuation(done)
