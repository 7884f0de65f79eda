"""How the proof of the models looks on a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from patron.cli.output.console import console

if TYPE_CHECKING:
    from patron.predict.verify import Check


def verified(checks: Iterable[Check]) -> None:
    """A table of what had to come out and what did."""
    table = Table()
    table.add_column("What", overflow="fold")
    for name in ("Must be", "Is", "Off by", "Allowed", ""):
        table.add_column(name, justify="right", no_wrap=True)
    last, failed, count = "", 0, 0
    for check in checks:
        if check.section != last:
            table.add_section()
            table.add_row(f"[bold]{escape(check.section)}[/]")
        last = check.section
        mark = "[green]pass[/]" if check.passed else "[bold red]fail[/]"
        figures = _figure(check.expected), _figure(check.found), f"{check.difference:+.2g}", f"{check.allowed:.2g}"
        table.add_row(escape(check.name), *figures, mark)
        failed, count = failed + (not check.passed), count + 1
    console.print(table)
    console.print(f"{count} figures: {failed} failed.")


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value == round(value) else f"{value:,.6g}" if abs(value) < 1000 else f"{value:,.2f}"
