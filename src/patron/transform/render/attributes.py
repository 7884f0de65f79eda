"""A customer's attributes: any number of a source's columns, cleaned as text and kept together as JSON text."""

from __future__ import annotations

from collections.abc import Mapping as MappingType

from sqlglot import exp

from patron.contract.entities import Column, Entity
from patron.project.mapping import expressions
from patron.project.project import Project
from patron.project.settings.sources import MappedColumn, Mapping
from patron.transform.render.type_casts import SourceShape, convert
from patron.transform.render.write_sql import write

TYPE = "attributes"


def attribute_columns(entity: Entity, mapping: Mapping, name: str, shape: SourceShape) -> list[str]:
    """The source's columns that a column of attributes is made of, as the mapping spells them.

    `all` takes those that no other column of the mapping reads: what is mapped has its place, and what is personal
    does not come in by another door.
    """
    listed, read = list(mapping.columns[name].listed), _read(entity, mapping, shape)
    return listed or [column for column in shape.own_columns if expressions.column_key(column) not in read]


def attributes_sql(entity: Entity, mapping: Mapping, name: str, shape: SourceShape, dialect: str, where: str) -> str:
    """The call of a macro that writes the attributes of a row as JSON text; blanks and words for nothing are null."""
    names = attribute_columns(entity, mapping, name, shape)
    values = [_value(each, mapping.columns[name], shape, dialect, where) for each in names]
    return f"{{{{ json_row({names!r}, {values!r}) }}}}"


def attribute_names(project: Project, entity: Entity, shapes: MappingType[str, SourceShape]) -> list[str]:
    """Every attribute that some source gives, in the order of patron.yaml, each once."""
    found = [
        each
        for source, mapping in project.mappings_of(entity.name).items()
        for name in mapping.columns
        if entity.columns[name].type == TYPE
        for each in attribute_columns(entity, mapping, name, shapes[source])
    ]
    return list(dict.fromkeys(found))


def nothing(column: Column) -> exp.Expression:
    """What stands in the place of attributes where their text is not looked at."""
    return exp.cast(exp.null(), column.sql_type)


def _value(name: str, mapped: MappedColumn, shape: SourceShape, dialect: str, where: str) -> str:
    quoted = expressions.quoted(name, expressions.READ_DIALECT)
    as_text = Column(name, "text", name)
    return write(
        convert(as_text, MappedColumn(expression=quoted, optional=mapped.optional), shape, where).value, dialect
    )


def _read(entity: Entity, mapping: Mapping, shape: SourceShape) -> set[str]:
    """Keys of the source's columns that the mapping reads elsewhere."""
    texts = [c.expression for name, c in mapping.columns.items() if entity.columns[name].type != TYPE]
    trees = (expressions.parse(text, entity.name, shape.lookups) for text in texts)
    return {expressions.column_key(column) for tree in trees for column in expressions.columns_of(tree)}
