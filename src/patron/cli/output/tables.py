"""Rows of gold: answers to queries, the list of tables and questions, a customer's profile and history."""

from __future__ import annotations

import decimal
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from patron.cli.output.console import console, make_table, say

if TYPE_CHECKING:
    from patron.serve.answer import Answer

_NARROWEST = 12
"""A column that needs this width and would get less makes a table unreadable."""


def print_answer(answer: Answer, limit: int) -> None:
    """Print at most `limit` rows as a table; if the columns do not fit side by side, each row as a list."""
    rows = [[format_cell(value) for value in row] for row in answer.rows[:limit]]
    if _check_fit(answer.columns, rows):
        console.print(_to_table(answer, rows))
    else:
        for number, row in enumerate(rows, start=1):
            console.print(_to_list(answer.columns, row, f"row {number:,}"))
    more = len(answer.rows) - limit
    if more > 0:
        console.print(f"{more:,} more rows; --limit, --csv or --json show them.")


def print_named_answer(question: str, answer: Answer, limit: int) -> None:
    """Print the sentence of a saved question, and its answer."""
    from patron.publish.empty_tables import NO_ROWS

    say(question)
    if answer.rows:
        print_answer(answer, limit)
    else:
        say(f"No rows: {NO_ROWS}.")


def _check_fit(columns: list[str], rows: list[list[str]]) -> bool:
    cells = zip(columns, *rows, strict=True)
    least = [min(max(map(len, column)), _NARROWEST) + 3 for column in cells]
    return sum(least) < console.width


def _to_table(answer: Answer, rows: list[list[str]]) -> Table:
    table = Table()
    for position, name in enumerate(answer.columns):
        is_number = any(isinstance(row[position], int | float | decimal.Decimal) for row in answer.rows[:1])
        table.add_column(escape(name), justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*map(escape, row))
    return table


def _to_list(columns: list[str], row: list[str], title: str) -> Table:
    table = make_table(text=("", ""), title=title, title_justify="left", show_header=False)
    for name, cell in zip(columns, row, strict=True):
        table.add_row(escape(name), escape(cell))
    return table


def format_cell(value: Any) -> str:
    """Format a value for a table: amounts with two decimals, floats with four digits, null as nothing."""
    if value is None:
        return ""
    if isinstance(value, decimal.Decimal):
        return f"{value:,.2f}"
    if isinstance(value, float):
        return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def print_tables(rows: list[dict[str, Any]], name: str | None) -> None:
    """Print the gold tables, or the columns of the one that is named."""
    table = Table()
    for heading in rows[0] if rows else []:
        table.add_column(heading, overflow="fold", justify="right" if heading == "rows" else "left")
    for row in rows:
        table.add_row(*(escape(format_cell(value)) for value in row.values()))
    console.print(table)
    if name is None:
        say("`patron tables NAME` lists the columns of a table.")


def print_questions(rows: list[dict[str, Any]]) -> None:
    """Print the saved questions, and whether this shop can answer each."""
    table = make_table()
    table.add_column("Name", no_wrap=True)
    table.add_column("Question", overflow="fold")
    table.add_column("Available", overflow="fold")
    for row in rows:
        is_available = "yes" if row["can_answer"] else f"no: no source maps {' and '.join(row['missing'])}"
        table.add_row(*map(escape, (row["name"], row["question"], is_available)))
    console.print(table)
    say("`patron ask NAME` answers one; docs/questions.md defines them.")


def print_profile(facts: dict[str, Any]) -> None:
    """Print a customer's profile."""
    from patron.serve.customer_profile import to_sentences

    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold")
    grid.add_column(overflow="fold")
    for heading, sentence in to_sentences(facts):
        grid.add_row(heading, escape(sentence))
    console.print(Panel(grid, title=escape(str(facts["customer_id"])), expand=False))


def print_history(rows: list[dict[str, Any]], customer_id: str) -> None:
    """Print a customer's segments, tiers and risks over time, oldest first."""
    if not rows:
        return say(f"{customer_id} has no orders that count as sales, so no segment.")
    table = make_table(
        text=("From", "To", "Segment", "CLV tier", "Churn risk"), title=escape(customer_id), title_justify="left"
    )
    for row in rows:
        until = "now" if row["is_current"] else str(row["valid_to_date"])
        labels = (row["segment"], row["clv_tier"], row["churn_group"])
        table.add_row(str(row["valid_from_date"]), until, *(escape(label) for label in labels))
    console.print(table)
    if len(rows) == 1:
        say("Each run as of another day adds what changed; `patron run --as-of DATE` adds an earlier day.")
    return None
