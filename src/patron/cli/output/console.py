"""The terminal that results are printed to, and one JSON document for machines."""

from __future__ import annotations

import datetime as dt
import decimal
import io
import json
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.markup import escape
from rich.segment import Segment
from rich.table import Table

from patron.contract.outgoing_text import escape_controls_in_json, show_controls

if TYPE_CHECKING:
    from patron.serve.answer import Answer


class DataConsole(Console):
    """A terminal on which text of data is only seen: of escape sequences, those that rich writes itself work."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Render as rich does, with control characters in texts shown as what they are."""
        for segment in super().render(renderable, options):
            if segment.control or segment.text.isprintable():
                yield segment
            else:
                yield Segment(show_controls(segment.text), segment.style)


console = DataConsole(highlight=False)


def print_json(content: Any) -> None:
    """Print one JSON document on standard output, with amounts as numbers and dates as ISO text."""
    text = json.dumps(content, default=_to_plain, ensure_ascii=False, indent=2)
    sys.stdout.write(escape_controls_in_json(text) + "\n")


def _to_plain(value: Any) -> Any:
    if isinstance(value, decimal.Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if isinstance(value, dt.date | dt.datetime) else str(value)


def print_csv(answer: Answer) -> None:
    """Print an answer as CSV: for a file or program as it is, on a terminal with its control characters shown."""
    out = io.StringIO()
    answer.write_csv(out)
    sys.stdout.write(show_controls(out.getvalue()) if _is_terminal() else out.getvalue())


def _is_terminal() -> bool:
    return sys.stdout.isatty()


def say(text: str) -> None:
    """Print a line as it is: what looks like rich's markup in a path or a name is not markup."""
    console.print(text, markup=False, soft_wrap=True)


def warn(warnings: Iterable[str]) -> None:
    """Print each warning on a line of its own."""
    for warning in warnings:
        console.print(f"[yellow]warning:[/] {escape(warning)}", soft_wrap=True)


def make_table(text: Iterable[str] = (), numbers: Iterable[str] = (), **options: Any) -> Table:
    """Make a table with columns of text on the left, then columns of numbers, aligned right."""
    table = Table(**options)
    for heading in text:
        table.add_column(heading, overflow="fold")
    for heading in numbers:
        table.add_column(heading, justify="right")
    return table
