"""What a select reads from or gives: columns by name, each with its origin."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from patron.transform.lineage.origin import NOTHING, ROWS, Origin, copy_of, unite


@dataclass
class Relation:
    """A table, or the result of a select.

    columns: name in lower case -> origin. passes_on: the tables whose columns it has besides, under their own names,
    because they are not listed anywhere. rows: the origin of a count of its rows.
    is_list: whether it is a list that ships with the project, so that its values say which rows it is joined to.
    """

    columns: dict[str, Origin] = field(default_factory=dict)
    passes_on: tuple[str, ...] = ()
    rows: Origin = NOTHING
    is_list: bool = False

    def find(self, name: str) -> Origin | None:
        """Find a column's origin; None if it surely has no such column."""
        known = self.columns.get(name.lower())
        if known is None and self.passes_on:
            return unite(copy_of(table, name) for table in self.passes_on)
        return known

    def rename(self, names: Iterable[str]) -> Relation:
        """Return the relation with its first columns under other names."""
        own = list(self.columns)
        given = [name.lower() for name in names]
        renamed = dict(zip(given + own[len(given) :], self.columns.values(), strict=False))
        return Relation(renamed, self.passes_on, self.rows, self.is_list)


def read_table(table: str, columns: Iterable[str], *, passes_on: bool = False, is_list: bool = False) -> Relation:
    """Return a table as a select reads it. columns: those that are known; passes_on: whether it has more."""
    origins = {name: copy_of(table, name) for name in columns}
    return Relation(origins, (table,) if passes_on else (), count_rows(table), is_list)


def count_rows(table: str) -> Origin:
    """Return the origin of a count of a table's rows."""
    return Origin(frozenset({(table, ROWS)}), "counted")
