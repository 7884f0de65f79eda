"""What mappings must know of each source: its columns as they landed, and those that are looked up or rebuilt."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from patron.project.mapping.lookups import add_columns

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.lake import Lake
    from patron.project.project import Project
    from patron.transform.render.type_casts import SourceShape


def read_source_shapes(project: Project, lake: Lake) -> dict[str, SourceShape]:
    """Read what mappings must know of each source. Raises SourceError if a source never delivered a row."""
    return derive_shapes(project, read_bronze_schemas(project, lake))


def read_bronze_schemas(project: Project, lake: Lake) -> dict[str, pa.Schema]:
    """Read each source's own columns as they landed. Raises SourceError if a source never delivered a row."""
    import pyarrow as pa

    from patron.lake import TECHNICAL_COLUMNS

    schemas = {}
    for name, source in project.settings.sources.items():
        table = lake.table(name)
        own = [f for f in table.schema() if f.name not in TECHNICAL_COLUMNS] if table.exists else []
        if not own:
            raise project.connector(name).explain_no_rows()
        key = table.source_key() if source.kind.is_changelog else []
        schemas[name] = pa.schema(own, metadata={_SOURCE_KEY: json.dumps(key)})
    return schemas


_SOURCE_KEY = "patron.source_key"


def describe_sample(table: pa.Table) -> pa.Schema:
    """Describe the columns of rows that have not landed."""
    return table.schema.with_metadata({_SOURCE_KEY: json.dumps([])})


def derive_shapes(project: Project, schemas: dict[str, pa.Schema]) -> dict[str, SourceShape]:
    """Derive what mappings must know of each source's columns, including those that are looked up."""
    import pyarrow as pa

    from patron.project.mapping.expressions import column_key
    from patron.transform.render.type_casts import SourceShape

    shapes = {}
    for name, schema in add_columns(project.settings.sources, schemas).items():
        text = (f.name for f in schema if pa.types.is_string(f.type) or pa.types.is_large_string(f.type))
        shapes[name] = SourceShape(
            name=name,
            columns={column_key(f.name): f.name for f in schema},
            own_columns=tuple(schemas[name].names),
            text_columns=frozenset(text),
            zoned_columns=frozenset(f.name for f in schema if pa.types.is_timestamp(f.type) and f.type.tz),
            decimal_columns=frozenset(f.name for f in schema if pa.types.is_decimal(f.type)),
            floating_columns=frozenset(f.name for f in schema if pa.types.is_floating(f.type)),
            integer_columns=frozenset(f.name for f in schema if pa.types.is_integer(f.type)),
            null_values=project.settings.sources[name].null_values,
            timezone=project.settings.shop.timezone,
            is_changelog=project.settings.sources[name].kind.is_changelog,
            source_key=tuple(json.loads(schemas[name].metadata[_SOURCE_KEY.encode()])),
            lookups=tuple(project.settings.sources[name].lookups),
        )
    return shapes


def assume_schemas(project: Project) -> dict[str, pa.Schema]:
    """Assume the columns of sources that have not landed: those that patron.yaml reads, as text."""
    import pyarrow as pa

    schemas = {}
    for name in project.settings.sources:
        read = dict.fromkeys([*project.required_columns(name), *project.optional_columns(name)])
        fields = [(column, pa.string()) for column in read]
        schemas[name] = pa.schema(fields, metadata={_SOURCE_KEY: json.dumps([])})
    return schemas
