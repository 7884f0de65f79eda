"""What goes with buying more often, staying longer and spending more, where it is clear."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.serve.report.sections.tables import Row, Table, iterate_rows

if TYPE_CHECKING:
    from patron.project.number_format import Formats, Number
    from patron.serve.report.queries.figures import QueryResult

_PROCESSES = {"purchases": "How often they buy", "leaving": "How soon they leave", "spend": "What they spend a day"}


def build_covariate_table(effects: QueryResult, formats: Formats) -> Table | None:
    """Build the table of clear effects; None if there are none."""
    if not effects.rows:
        return None

    def write(number: Number | None) -> str:
        return formats.count(number, digits=2)

    rows = tuple(
        Row(
            (
                f"{str(effects.value('covariate', row)).capitalize()}: {effects.value('level', row)}",
                str(effects.value("reference_level", row)),
                _PROCESSES[str(effects.value("process", row))],
                *(effects.figure(f"multiplier{end}", write, row) for end in ("", "_low_95", "_high_95")),
            )
        )
        for row in iterate_rows(effects)
    )
    columns = ("Known at the first order", "Compared with", "What differs", "#Multiple", "#Low", "#High")
    note = (
        "Clear differences only, adjusted for all comparisons, with all else that is compared being equal. Low, High: "
        "95% intervals. An association: it does not say why."
    )
    return Table("What goes with buying more often, staying longer, spending more", columns, rows, (effects,), note)
