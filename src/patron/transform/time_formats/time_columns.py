"""The mapped columns whose times have no format yet, and where their values lie."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from patron.contract.entities import load_entities
from patron.project.mapping.expressions import added_name, column_key
from patron.project.mapping.lookups import lookup_source
from patron.project.settings.rebuilt_times import ADDED_BY_TIMES

if TYPE_CHECKING:
    from patron.project.mapping.expressions import Expression
    from patron.project.mapping.mappings import ColumnMapping
    from patron.project.project import Project


@dataclass(frozen=True)
class TimeColumn:
    """A canonical column of times, and the values that fill it.

    values_source, tree: the source that holds the values, and the expression over its own columns; of a column that
    is looked up, the other source. condition: which of its rows count.
    """

    source: str
    entity: str
    name: str
    mapped: ColumnMapping
    values_source: str
    tree: exp.Expression
    condition: Expression | None

    @property
    def key(self) -> str:
        """Name the values: the same for every mapping that reads them."""
        where = f" where {self.condition.text}" if self.condition is not None else ""
        return f"{self.tree.sql()}{where}"


def list_time_columns(project: Project) -> Iterator[TimeColumn]:
    """List the mapped columns of times without a format, whose values one source holds."""
    for source, mappings in project.mappings.items():
        for entity, mapping in mappings.entities.items():
            for name, mapped in mapping.columns.items():
                kind = load_entities()[entity].columns[name].sql_type
                if kind not in ("timestamp", "date") or mapped.format or mapped.expression is None:
                    continue
                found = _find_values(project, source, mapped.expression.tree)
                if found is not None:
                    condition = mapping.where if found[0] == source else None
                    yield TimeColumn(source, entity, name, mapped, *found, condition)


def _find_values(project: Project, source: str, tree: exp.Expression) -> tuple[str, exp.Expression] | None:
    """Follow lookups to the one source whose columns an expression reads; None if they are of several, or rebuilt."""
    settings = project.settings.sources[source]
    names = {column_key(column.name) for column in tree.find_all(exp.Column)}
    if not names or (settings.rebuilt_times and names & set(ADDED_BY_TIMES)):
        return None
    prefixes = {lookup: column_key(added_name(lookup, "")) for lookup in settings.lookups}
    used = {next((lookup for lookup, prefix in prefixes.items() if name.startswith(prefix)), None) for name in names}
    if used == {None}:
        return source, tree
    if len(used) > 1:
        return None
    (lookup,) = used
    assert lookup is not None
    own = _drop_prefix(tree, len(prefixes[lookup]))
    return _find_values(project, lookup_source(lookup, settings), own)


def _drop_prefix(tree: exp.Expression, length: int) -> exp.Expression:
    def rename(node: exp.Expression) -> exp.Expression:
        if isinstance(node, exp.Column):
            return exp.column(exp.to_identifier(node.name[length:], quoted=True))
        return node

    return tree.copy().transform(rename)
