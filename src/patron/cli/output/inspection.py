"""The profiles of `patron inspect`: a table for each file or source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape

from patron.cli.output.console import console, make_table, say, warn
from patron.errors import pluralize

if TYPE_CHECKING:
    from patron.ingest.profile.describe import ColumnProfile, TableProfile
    from patron.pipeline.inspect import Inspection


def print_inspection(found: Inspection) -> None:
    """Print each table's columns, then what is odd about them, and the files that cannot be read."""
    for table in found.tables:
        _print_table(table)
        if unmapped := found.unmapped.get(table.name):
            say(f"Nothing maps: {', '.join(unmapped)}.")
    warn(f"{name}: {why}" for name, why in found.skipped.items())


def _print_table(profile: TableProfile) -> None:
    rows = pluralize(profile.rows, "row") + ("" if profile.is_whole else ", the first ones")
    table = make_table(title=f"{profile.name}: {rows}", title_justify="left")
    table.add_column("Column", overflow="fold")
    table.add_column("Holds", overflow="fold")
    for heading in ("Null", "Distinct"):
        table.add_column(heading, justify="right")
    for heading in ("Values", "Written"):
        table.add_column(heading, overflow="fold")
    for column in profile.columns:
        table.add_row(*(escape(cell) for cell in _list_cells(column)))
    console.print(table)
    if profile.keys:
        say(f"May be keys: {', '.join(profile.keys)}.")
    for column in profile.columns:
        for anomaly in column.anomalies:
            say(f"  {column.name}: {anomaly}")
    if profile.duplicates:
        say(f"  {pluralize(profile.duplicates, 'row')} equal to another in every column")
    if profile.rejected:
        say(f"  {pluralize(profile.rejected, 'row')} that cannot be read")


def _list_cells(column: ColumnProfile) -> list[str]:
    holds = column.holds if column.type == "string" else f"{column.holds} ({column.type})"
    if column.least is None or column.is_personal:
        shown = ", ".join(column.examples)
    else:
        shown = column.least if column.least == column.greatest else f"{column.least} to {column.greatest}"
    return [column.name, holds, f"{column.nulls:,}", f"{column.distinct:,}", shown, " or ".join(column.formats)]
