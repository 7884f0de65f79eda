"""A customer's attributes: any number of a source's columns, cleaned as text and kept together as JSON text."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from dataclasses import replace

from sqlglot import exp

from patron.contract.entities import Column, Entity
from patron.ingest.column_names import split_nested
from patron.project.mapping.expressions import Expression, cast, column_key
from patron.project.mapping.mappings import ColumnMapping, EntityMapping
from patron.project.project import Project
from patron.transform.render.type_casts import SourceShape, convert
from patron.transform.render.write_sql import write

TYPE = "attributes"


def list_attribute_columns(mapping: EntityMapping, name: str, shape: SourceShape) -> list[str]:
    """List the source's columns that a column of attributes consists of, as the mapping spells them.

    `all` takes those that no other column of the mapping reads, so that a mapped personal column is not repeated in
    the attributes.
    """
    listed, read = list(mapping.columns[name].attributes), _find_columns_read_elsewhere(mapping)
    return listed or [column for column in shape.own_columns if column_key(column) not in read]


def render_attributes(mapping: EntityMapping, name: str, shape: SourceShape, dialect: str) -> str:
    """Call the macro that writes the attributes of a row as JSON text; blanks and words for nothing are null."""
    names = list_attribute_columns(mapping, name, shape)
    values = [_value(each, mapping.columns[name], shape, dialect) for each in names]
    return f"{{{{ json_row({names!r}, {values!r}) }}}}"


def list_attributes(project: Project, entity: Entity, shapes: MappingType[str, SourceShape]) -> list[str]:
    """List every attribute that some source gives, in the order of patron.yaml, each once."""
    found = [
        each
        for source, mapping in project.mappings_of(entity.name).items()
        for name in mapping.columns
        if entity.columns[name].type == TYPE
        for each in list_attribute_columns(mapping, name, shapes[source])
    ]
    return list(dict.fromkeys(found))


def make_placeholder(column: Column) -> exp.Expression:
    """Make the value that stands for attributes where their text is not needed."""
    return cast(exp.null(), column.sql_type)


def _value(name: str, mapped: ColumnMapping, shape: SourceShape, dialect: str) -> str:
    as_text = Column(name, "text", name)
    column = replace(mapped, expression=Expression.of_column(name, mapped.where))
    return write(convert(as_text, column, shape).value, dialect)


def _find_columns_read_elsewhere(mapping: EntityMapping) -> set[str]:
    """Keys of the source's columns that other columns of the mapping read, in full or a value inside of them."""
    others = [column for column in mapping.columns.values() if column.expression is not None]
    return {column_key(read) for column in others for name in column.columns for read in (name, split_nested(name)[0])}
