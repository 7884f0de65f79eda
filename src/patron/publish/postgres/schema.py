"""The shape of an exported table in PostgreSQL, as wanted and as it is: columns, key, indexes, comments."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from patron.ingest.quoting import quote_identifier, quote_literal
from patron.transform.model_docs import find_data_test, load_model_docs

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import duckdb

    from patron.publish.postgres.transaction import Writer

_TYPES = {
    "BOOLEAN": "boolean",
    **dict.fromkeys(("TINYINT", "SMALLINT", "UTINYINT"), "smallint"),
    **dict.fromkeys(("INTEGER", "USMALLINT"), "integer"),
    **dict.fromkeys(("BIGINT", "UINTEGER"), "bigint"),
    **dict.fromkeys(("HUGEINT", "UBIGINT"), "numeric(38,0)"),
    "FLOAT": "real",
    "DOUBLE": "double precision",
    "DATE": "date",
    "TIMESTAMP": "timestamp without time zone",
    "TIMESTAMP WITH TIME ZONE": "timestamp with time zone",
}
"""DuckDB type -> PostgreSQL type, as its catalog spells it; a decimal keeps its digits, anything else is text."""

_LONGEST_NAME = 63


@dataclass(frozen=True)
class Shape:
    """A table or view.

    columns: name -> type. comments: column -> description. key: unique together, never null. indexes: name -> column.
    """

    name: str
    columns: dict[str, str]
    description: str = ""
    comments: dict[str, str] = field(default_factory=dict)
    key: tuple[str, ...] = ()
    indexes: dict[str, str] = field(default_factory=dict)


def postgres_types(engine: duckdb.DuckDBPyConnection, relation: str) -> dict[str, str]:
    """Map the columns of a DuckDB relation to their types in PostgreSQL."""
    return {row[0]: _convert_type(row[1]) for row in engine.execute(f"describe from {relation}").fetchall()}


def derive_shape(table: str, types: Mapping[str, str], left_out: Collection[str]) -> Shape:
    """Derive the shape of a gold table from its columns and its yml. left_out: columns that are not exported."""
    columns = {name: kind for name, kind in types.items() if name not in left_out}
    yml = load_model_docs(table)
    comments = {one["name"]: one["description"] for one in yml.get("columns", []) if one["name"] in columns}
    test = find_data_test(yml)
    key = tuple(test.get("key", ()))
    joined = [name for name in test.get("refers", {}) if name in columns and (name,) != key[:1]]
    indexes = {_name_index(table, column): column for column in joined}
    key = key if set(key) <= set(columns) else ()
    return Shape(table, columns, yml.get("description", ""), comments, key, indexes)


def _convert_type(kind: str) -> str:
    if decimal := re.fullmatch(r"DECIMAL\((\d+),(\d+)\)", kind):
        return f"numeric({decimal[1]},{decimal[2]})"
    return _TYPES.get(kind, "text")


def _name_index(table: str, column: str) -> str:
    name = f"{table}_{column}_idx"
    return name if len(name) <= _LONGEST_NAME else f"{name[:50]}_{hashlib.sha256(name.encode()).hexdigest()[:12]}"


_COLUMNS = """
select c.relname::text as relation, c.relkind::text as kind, a.attname::text as name,
    pg_catalog.format_type(a.atttypid, a.atttypmod)::text as type,
    pg_catalog.col_description(c.oid, a.attnum)::text as comment,
    pg_catalog.obj_description(c.oid, 'pg_class')::text as description
from pg_catalog.pg_class as c
inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
left join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where n.nspname = {schema} and c.relkind in ('r', 'p', 'v', 'm', 'f')
order by c.relname, a.attnum
"""
_INDEXES = """
select t.relname::text as relation, i.relname::text as name, x.indisprimary as is_key,
    (select string_agg(a.attname::text, chr(10) order by k.place)
        from unnest(x.indkey::smallint[]) with ordinality as k (attnum, place)
        inner join pg_catalog.pg_attribute as a on a.attrelid = t.oid and a.attnum = k.attnum) as columns
from pg_catalog.pg_index as x
inner join pg_catalog.pg_class as i on x.indexrelid = i.oid
inner join pg_catalog.pg_class as t on x.indrelid = t.oid
inner join pg_catalog.pg_namespace as n on t.relnamespace = n.oid
where n.nspname = {schema}
"""


def read_shapes(writer: Writer, schema: str) -> dict[str, Shape]:
    """Read the shape of every table and view of a schema, whoever created it."""
    found: dict[str, Shape] = {}
    for name, _, column, kind, comment, description in writer.query(_COLUMNS.format(schema=quote_literal(schema))):
        shape = found.setdefault(name, Shape(name, {}, description or ""))
        if column is not None:
            shape.columns[column] = kind
            if comment:
                shape.comments[column] = comment
    for table, name, is_key, columns in writer.query(_INDEXES.format(schema=quote_literal(schema))):
        shape = found[table]
        if is_key:
            found[table] = Shape(name=table, **{**_list_parts(shape), "key": tuple(columns.split("\n"))})
        else:
            shape.indexes[name] = columns or ""
    return found


def _list_parts(shape: Shape) -> dict[str, Any]:
    names = ("columns", "description", "comments", "indexes")
    return {name: getattr(shape, name) for name in names}


def find_lost_columns(wanted: Shape, present: Shape) -> list[str]:
    """List the columns to drop, because they are no longer exported or have another type."""
    return [name for name, kind in present.columns.items() if wanted.columns.get(name) != kind]


def list_column_changes(schema: str, wanted: Shape, present: Shape | None) -> list[str]:
    """List statements that give an empty table its columns. They lock readers out until the transaction ends."""
    table = f"{quote_identifier(schema)}.{quote_identifier(wanted.name)}"
    if present is None:
        listed = ", ".join(f"{quote_identifier(name)} {kind}" for name, kind in wanted.columns.items())
        return [f"create table {table} ({listed})"]
    gone = find_lost_columns(wanted, present)
    new = {name: kind for name, kind in wanted.columns.items() if present.columns.get(name) != kind}
    alters = [f"drop column {quote_identifier(name)}" for name in gone]
    alters += [f"add column {quote_identifier(name)} {kind}" for name, kind in new.items()]
    return [f"alter table {table} {', '.join(alters)}"] if alters else []


def list_key_changes(schema: str, wanted: Shape, present: Shape | None) -> list[str]:
    """List statements that give a filled table its key and indexes; indexes that others created stay."""
    table = f"{quote_identifier(schema)}.{quote_identifier(wanted.name)}"
    lost = set() if present is None else set(find_lost_columns(wanted, present))
    held = () if present is None or lost & set(present.key) else present.key
    found = []
    if held != wanted.key:
        if held:
            found.append(f"alter table {table} drop constraint {quote_identifier(wanted.name + '_pkey')}")
        if wanted.key:
            listed = ", ".join(map(quote_identifier, wanted.key))
            name = quote_identifier(f"{wanted.name}_pkey")
            found.append(f"alter table {table} add constraint {name} primary key ({listed})")
    there = {} if present is None else {name: col for name, col in present.indexes.items() if col not in lost}
    missing = {name: column for name, column in wanted.indexes.items() if name not in there}
    return found + [
        f"create index {quote_identifier(name)} on {table} ({quote_identifier(column)})"
        for name, column in missing.items()
    ]


def list_comment_changes(schema: str, wanted: Shape, present: Shape | None, kind: str = "table") -> list[str]:
    """List statements that describe a table or view and its columns; readers are not locked out."""
    table = f"{quote_identifier(schema)}.{quote_identifier(wanted.name)}"
    found = []
    if present is None or present.description != wanted.description:
        found.append(f"comment on {kind} {table} is {quote_literal(wanted.description)}")
    lost = set() if present is None else set(find_lost_columns(wanted, present))
    held = {} if present is None else {name: text for name, text in present.comments.items() if name not in lost}
    for name, text in wanted.comments.items():
        if held.get(name) != text:
            found.append(f"comment on column {table}.{quote_identifier(name)} is {quote_literal(text)}")
    return found
