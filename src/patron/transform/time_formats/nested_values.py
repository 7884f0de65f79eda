"""The rows whose times lie inside documents: with the values as columns, and a row for each element of a list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from patron.engines.dialects import find_dialect
from patron.project.mapping.expressions import READ_DIALECT, column_key, columns_of, find_nested
from patron.project.mapping.mappings import POSITION, EntityMapping
from patron.transform.compile.select import compile_select
from patron.transform.render.nested_rows import add_nested, find_exploded, render_nested

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.project.project import Project
    from patron.transform.render.type_casts import SourceShape
    from patron.transform.time_formats.time_columns import TimeColumn


@dataclass(frozen=True)
class NestedRows:
    """The rows of a source as one of its mappings reads them.

    arrived: their shape as they landed. shape: the same with the values.
    """

    mapping: EntityMapping
    arrived: SourceShape
    shape: SourceShape

    @property
    def added(self) -> dict[str, str]:
        """The columns that are not in bronze: column_key -> name."""
        return {key: name for key, name in self.shape.columns.items() if key not in self.arrived.columns}

    def extend(self, schema: pa.Schema) -> pa.Schema:
        """Add the columns to those of bronze."""
        import pyarrow as pa

        exploded = find_exploded(self.mapping, self.arrived) if self.mapping.explode else None
        own = [pa.field(field.name, pa.string()) if field.name == exploded else field for field in schema]
        kinds = {POSITION: pa.int64()}
        return pa.schema([*own, *(pa.field(name, kinds.get(name, pa.string())) for name in self.added.values())])

    def read(self, rows: str) -> str:
        """Write the relation of these rows in DuckDB's SQL. rows: the relation of bronze."""
        explode = self.mapping.explode and (find_exploded(self.mapping, self.arrived), *self.mapping.explode[1:])
        template = render_nested(rows, self.mapping.names, tuple(explode), self.arrived, READ_DIALECT)
        return f"({compile_select(template, find_dialect(READ_DIALECT))})"


def find_nested_rows(project: Project, column: TimeColumn, shape: SourceShape) -> NestedRows | None:
    """Find the rows that a column's values are read from, where these or their condition lie inside documents."""
    if column.values_source != column.source:
        return None  # columns that are looked up are read whole
    names = [*columns_of(column.tree), *(column.condition.columns if column.condition else ())]
    mapping = project.mappings[column.source].entities[column.entity]
    own = {column_key(name): name for name in shape.own_columns}
    is_nested = any(find_nested(name, own) or column_key(name) == column_key(POSITION) for name in names)
    if not is_nested and not (mapping.explode and column_key(mapping.explode[0]) in map(column_key, names)):
        return None
    return NestedRows(mapping, shape, add_nested(shape, mapping))
