"""The lineage of a column as a tree, or of all columns of a table as a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape
from rich.tree import Tree

from patron.cli.output.console import console, make_table, say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from patron.transform.lineage.explain import ColumnReport, Step


def print_column(report: ColumnReport) -> None:
    """Print where a column comes from as a tree, or, downwards, what is made of it, by table."""
    if report.direction == "down":
        _print_readers(report)
        return
    steps = {step.column: step for step in report.steps}
    tree = Tree(_write_step(steps[report.column]))
    _add_steps(tree, steps, report.column, set())
    console.print(tree)
    say(
        f"Sources: {', '.join(report.sources)}." if report.sources else f"No source's column: {'; '.join(report.ends)}."
    )


def _add_steps(tree: Tree, steps: Mapping[str, Step], column: str, shown: set[str]) -> None:
    """Add the steps below a column. What a column is made of is shown where it comes first."""
    shown.add(column)
    for name in steps[column].made_of:
        step = steps[name]
        if name in shown and step.made_of:
            tree.add(f"{escape(name)} [dim](above)[/]")
        else:
            _add_steps(tree.add(_write_step(step)), steps, name, shown)


def _write_step(step: Step) -> str:
    said = step.note or ("" if step.kind == "source" else step.kind)
    lines = [f"[bold]{escape(step.column)}[/] [dim]{escape(said)}[/]"]
    for mapped in step.mapped:
        place = mapped.where.rpartition("/")[2].split(", sources", maxsplit=1)[0]
        lines.append(f"  [dim]{escape(mapped.source)}: {escape(mapped.expression)} ({escape(place)})[/]")
    return "\n".join(lines)


def _print_readers(report: ColumnReport) -> None:
    if not (report.gold or report.predicted):
        say(f"No column of gold is made of {report.column}.")
        return
    for what, columns in (("", report.gold), ("only by a prediction", report.predicted)):
        for table, names in _group(columns).items():
            say(f"{table}{f' ({what})' if what else ''}: {', '.join(names)}")


def _group(columns: Sequence[str]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for column in columns:
        table, _, name = column.partition(".")
        grouped.setdefault(table, []).append(name)
    return grouped


def print_origins(origins: Mapping[str, Sequence[str]]) -> None:
    """Print each column of a table with the columns of sources that it comes from."""
    table = make_table(text=("Column", "Made of"))
    for name, sources in origins.items():
        table.add_row(escape(name), escape(", ".join(sources)))
    console.print(table)
