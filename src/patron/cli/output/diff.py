"""What a build did to gold, for a terminal, and in Markdown for a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape

from patron.cli.output.console import console, make_table, say
from patron.errors import pluralize

if TYPE_CHECKING:
    from patron.publish.diff import GoldDiff, TableDiff

_NUMBERS = ("Before", "After", "Added", "Removed", "Changed")
_MOST_COLUMNS = 6


def print_diff(diff: GoldDiff) -> None:
    """Print a row per table that differs, and how many do not."""
    if diff.tables:
        table = make_table(text=["Table"], numbers=_NUMBERS)
        table.add_column("Columns", overflow="fold")
        for one in diff.tables:
            table.add_row(one.table, *_list_counts(one), escape(describe_columns(one)))
        console.print(table)
    say(describe_same(diff))


def write_markdown(diff: GoldDiff) -> str:
    """Write the difference as Markdown."""
    lines = ["### What this changes in gold", ""]
    if diff.tables:
        lines += ["| table | before | after | added | removed | changed | columns |", "|---|--:|--:|--:|--:|--:|---|"]
        lines += [_write_row(one) for one in diff.tables] + [""]
    return "\n".join([*lines, describe_same(diff)])


def _write_row(diff: TableDiff) -> str:
    cells = [f"`{diff.table}`", *_list_counts(diff), describe_columns(diff)]
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _list_counts(diff: TableDiff) -> list[str]:
    before, after = ("" if rows is None else f"{rows:,}" for rows in (diff.rows_before, diff.rows_after))
    return [before, after, *(f"{count:,}" if count else "" for count in (diff.added, diff.removed, diff.changed))]


def describe_columns(diff: TableDiff) -> str:
    """Say in which columns rows differ, most rows first, and how the table's columns changed."""
    if diff.state != "changed":
        return f"{diff.state} table"
    ordered = sorted(diff.columns.items(), key=lambda item: (-item[1], item[0]))
    parts = [f"{column} ({count:,})" for column, count in ordered[:_MOST_COLUMNS]]
    if len(ordered) > _MOST_COLUMNS:
        parts.append(f"{len(ordered) - _MOST_COLUMNS} more")
    for what, names in (("new", diff.new_columns), ("gone", diff.gone_columns), ("other type", diff.retyped_columns)):
        if names:
            parts.append(f"{what}: {', '.join(names)}")
    if not diff.key and (diff.added or diff.removed):
        parts.append("whole rows compared")
    return ", ".join(parts)


def describe_same(diff: GoldDiff) -> str:
    """Say how many tables do not differ."""
    if not diff.tables:
        return f"Nothing differs in {pluralize(diff.same, 'table')}."
    return f"{pluralize(len(diff.tables), 'table')} differ; {pluralize(diff.same, 'table')} do not."
