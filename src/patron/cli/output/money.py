"""The bridge from the raw totals of the sources to net revenue, as a table."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from patron.cli.output.console import console, say
from patron.contract.revenue_bridge import BESIDE, STEPS

if TYPE_CHECKING:
    from patron.pipeline.money import SourceMoney

_MANY_SOURCES = 4


def print_money(sources: list[SourceMoney], currency: str) -> None:
    """Print a row per step, a column per source and one of all; only totals where there are many sources."""
    if not sources:
        return
    shown = sources if 1 < len(sources) <= _MANY_SOURCES else []
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(f"Money in {currency}")
    for source in shown:
        table.add_column(escape(source.source), justify="right")
    table.add_column("All", justify="right")
    steps = [dict(source.list_steps()) for source in sources]
    for what in STEPS.values():
        amounts = [own.get(what, Decimal(0)) for own in steps]
        if any(what in own for own in steps):
            table.add_row(what, *(f"{amount:,.2f}" for amount in amounts if shown), f"{sum(amounts):,.2f}")
    for name, what in BESIDE.items():
        amounts = [source.amounts[name] for source in sources]
        if any(amounts):
            table.add_row(f"beside it: {what}", *(f"{a:,.2f}" for a in amounts if shown), f"{sum(amounts):,.2f}")
    console.print(table)
    for source in sources:
        if loss := source.describe_loss():
            say(f"{source.source}: {loss}.")
