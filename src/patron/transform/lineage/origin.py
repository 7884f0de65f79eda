"""What one column of a table is made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

ROWS = "*"
"""Stands for the rows of a table where a column counts them: its values come from no column."""

Kind = Literal["copied", "computed", "counted", "constant", "predicted"]
ColumnName = tuple[str, str]
"""A table, such as silver.order_lines, and one of its columns."""


@dataclass(frozen=True)
class Origin:
    """The columns that a column's values are made of.

    kind: copied, computed of them, counted (rows of tables, as (table, ROWS)), constant, of none, or predicted by a
    model that is fitted on them.
    """

    columns: frozenset[ColumnName] = frozenset()
    kind: Kind = "constant"


NOTHING = Origin()
"""The origin of a constant."""


def copy_of(table: str, column: str) -> Origin:
    """Return the origin of a column that is taken over as it is."""
    return Origin(frozenset({(table, column)}), "copied")


def combine(origins: Iterable[Origin]) -> Origin:
    """Return the origin of what is computed from others."""
    columns = frozenset[ColumnName]().union(*(one.columns for one in origins))
    if any(name != ROWS for _, name in columns):
        return Origin(columns, "computed")
    return Origin(columns, "counted" if columns else "constant")


def unite(origins: Iterable[Origin]) -> Origin:
    """Return the origin of a column of a union: copied where each part copies or is constant."""
    found = list(origins)
    made, kinds = combine(found), {one.kind for one in found}
    return Origin(made.columns, "copied") if "copied" in kinds <= {"copied", "constant"} else made
