"""`patron value`: an orders table alone, made into what each customer is expected to be worth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

_MODELS = "mbg_nbd, bg_nbd or pareto_nbd; auto is mbg_nbd, as a run takes it where it was not judged."
_MEMORY = "About how much memory to take, such as 4GB; a longer table is read in several passes."


def value(
    orders: Annotated[
        str, typer.Argument(metavar="ORDERS", help="Parquet or CSV, one row an order; or a pattern with *.")
    ],
    to: Annotated[Path, typer.Option(help="The .parquet or .csv file to write, one row a buyer.")],
    customer: Annotated[str, typer.Option(help="The column of customers; null or blank is a guest.")] = "customer_id",
    at: Annotated[str, typer.Option(help="The column of days or times.")] = "ordered_at",
    amount: Annotated[str, typer.Option(help="The column of amounts; below 0 is a refund.")] = "amount",
    as_of: Annotated[
        str, typer.Option(help="Measure at this day: latest (the day after the last order), today, or YYYY-MM-DD.")
    ] = "latest",
    model: Annotated[str, typer.Option(help=_MODELS)] = "auto",
    horizon_days: Annotated[int, typer.Option(help="How far expected_purchases_horizon looks.")] = 1095,
    discount_rate: Annotated[float, typer.Option(help="A year's: what comes in a year is worth 1 / (1 + rate).")] = 0.1,
    gross_margin: Annotated[float, typer.Option(help="Share of revenue that is margin, 0 to 1.")] = 0.3,
    memory_limit: Annotated[str, typer.Option(help=_MEMORY)] = "4GB",
    threads: Annotated[int | None, typer.Option(min=1, help="Threads to work on.", show_default="all cores")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document, and nothing else.")] = False,
) -> None:
    """Predict each customer's value from a table of orders alone, without a project. Exits 3 where too little is known.

    Example: patron value orders.parquet --customer customer_id --at ordered_at --amount amount --to clv.parquet
    """
    from patron.cli.output import console as show
    from patron.cli.output import value as show_value
    from patron.predict.orders_file import predictions
    from patron.predict.orders_file import value as value_of

    done = value_of(
        orders,
        to,
        customer=customer,
        at=at,
        amount=amount,
        as_of=as_of,
        gross_margin=gross_margin,
        asked=predictions(model=model, horizon_days=horizon_days, discount_rate=discount_rate),
        memory_limit=memory_limit,
        threads=threads,
    )
    if as_json:
        show.as_json(done.as_dict())
    else:
        show_value.valued(done)
