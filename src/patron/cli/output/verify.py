"""The results of `patron verify`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from patron.cli.output.console import console
from patron.errors import pluralize

if TYPE_CHECKING:
    from patron.predict.verify import Check


def print_model_tests(checks: Iterable[Check]) -> None:
    """Print a table of the expected and the actual figures."""
    table = Table()
    table.add_column("Test", overflow="fold")
    for name in ("Expected", "Actual", "Difference", "Tolerance", ""):
        table.add_column(name, justify="right", no_wrap=True)
    last, failed, count = "", 0, 0
    for check in checks:
        if check.section != last:
            table.add_section()
            table.add_row(f"[bold]{escape(check.section)}[/]")
        last = check.section
        mark = "[green]pass[/]" if check.passed else "[bold red]fail[/]"
        figures = _format(check.expected), _format(check.found), f"{check.difference:+.2g}", f"{check.allowed:.2g}"
        table.add_row(escape(check.name), *figures, mark)
        failed, count = failed + (not check.passed), count + 1
    console.print(table)
    console.print(f"{pluralize(count, 'test')}: {failed} failed.")


def _format(value: float) -> str:
    return f"{value:,.0f}" if value == round(value) else f"{value:,.6g}" if abs(value) < 1000 else f"{value:,.2f}"
