"""A table as the server's catalogue describes it, and how each of its columns comes to bronze."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pyarrow as pa

from patron.errors import SourceError, did_you_mean, find_nearest
from patron.ingest.changelog import make_arriving
from patron.ingest.postgres.server import Server, select_values
from patron.ingest.quoting import quote_identifier, quote_literal

if TYPE_CHECKING:
    from patron.ingest.source import TableSource

_NATIVE = {
    "boolean": pa.bool_(),
    **dict.fromkeys(("smallint", "integer", "bigint"), pa.int64()),
    **dict.fromkeys(("real", "double precision"), pa.float64()),
    "date": pa.date32(),
    "timestamp without time zone": pa.timestamp("us"),
    "timestamp with time zone": pa.timestamp("us", "UTC"),
    "bytea": pa.binary(),
}
_MOST_DIGITS = 38


@dataclass(frozen=True)
class TableColumn:
    """A column of the table. kind: its type as the server writes it, a domain's own type below it."""

    name: str
    kind: str

    @property
    def quoted(self) -> str:
        return quote_identifier(self.name)

    @cached_property
    def type(self) -> pa.DataType:
        """Its type in bronze. Text where bronze has no type that keeps every value: a numeric without a precision,
        json, uuid, arrays, enums, ranges, times of day.
        """
        if numeric := re.fullmatch(r"numeric\((\d+),(-?\d+)\)", self.kind):
            digits, scale = int(numeric[1]), int(numeric[2])
            return pa.decimal128(digits, scale) if 0 <= scale <= digits <= _MOST_DIGITS else pa.string()
        return _NATIVE.get(re.sub(r"\(\d+\)", "", self.kind), pa.string())

    @property
    def may_be_not_finite(self) -> bool:
        """Whether it may hold infinity or NaN where bronze has no value for them."""
        types = pa.types
        return bool(types.is_decimal(self.type) or types.is_date(self.type) or types.is_timestamp(self.type))

    @property
    def is_finite(self) -> str:
        """A condition in the server's SQL, true for null too."""
        if pa.types.is_date(self.type) or pa.types.is_timestamp(self.type):
            return f"coalesce(isfinite({self.quoted}), true)"
        if pa.types.is_floating(self.type):
            return f"coalesce({self.quoted} < 'Infinity', true)"
        is_number = self.kind.startswith("numeric")
        return f"coalesce({self.quoted} <> 'NaN', true)" if is_number else "true"

    def read(self, is_finite: bool) -> str:
        """Its value in the server's SQL. is_finite: no row has infinity or NaN."""
        if pa.types.is_string(self.type):
            return f"{self.quoted}::text"
        value = self.quoted if is_finite else f"case when {self.is_finite} then {self.quoted} end"
        return f"({value})::{self.kind}" if pa.types.is_decimal(self.type) else value

    @property
    def is_growing(self) -> bool:
        """Whether it can be a cursor."""
        types = pa.types
        is_number = types.is_integer(self.type) or types.is_floating(self.type) or self.kind.startswith("numeric")
        return bool(is_number or types.is_date(self.type) or types.is_timestamp(self.type))


@dataclass(frozen=True)
class Table:
    """A table (or view) of a server. key: the columns that tell its rows apart, if they are known."""

    quoted: str
    display_name: str
    columns: tuple[TableColumn, ...]
    key: tuple[str, ...]

    @cached_property
    def header(self) -> list[str]:
        return [column.name for column in self.columns]

    @cached_property
    def arriving(self) -> pa.Schema:
        """Its columns under legal names, in the types that bronze has, and DELETED."""
        return make_arriving(self.header, [column.type for column in self.columns])

    def column(self, name: str) -> TableColumn:
        return next(column for column in self.columns if column.name == name)


@dataclass(frozen=True)
class Look:
    """A table at the moment of the read. latest: the cursor's highest value as text. not_finite: per column, how many
    values are infinity or NaN, for which bronze has no value.
    """

    rows: int
    latest: str | None
    not_finite: dict[str, int]


def count_rows(server: Server, table: Table, since: str | None) -> Look:
    """Count what a read will bring. since: the cursor's value to start from."""
    cursor = table.column(server.source.cursor) if server.source.cursor else None
    latest = f"to_json(max({cursor.quoted}) filter (where {cursor.is_finite})) #>> '{{}}'" if cursor else "null"
    doubtful = [column for column in table.columns if column.may_be_not_finite]
    counts = [f"count(*) filter (where not ({column.is_finite}))" for column in doubtful]
    listed = select_values(["count(*)", f"({latest})::text", *counts])
    (found,) = server.query(f"{listed} from {table.quoted}{since_condition(server, table, since)}")
    odd = {column.name: count for column, count in zip(doubtful, found[2:], strict=True) if count}
    return Look(found[0], found[1], odd)


def since_condition(server: Server, table: Table, since: str | None) -> str:
    """The `where` for rows at or after a value of the cursor; rows without one are always read."""
    if since is None or server.source.cursor is None:
        return ""
    cursor = table.column(server.source.cursor)
    return f" where {cursor.quoted} >= {quote_literal(since)}::{cursor.kind} or {cursor.quoted} is null"


def read_table(server: Server, source: TableSource) -> Table:
    """Look a table up. Raises SourceError where there is none, where a column that the settings name is missing or
    unfit, or where the key does not tell rows apart.
    """
    place = f"n.nspname = {quote_literal(source.schema)} and c.relname = {quote_literal(source.table)}"
    columns = tuple(TableColumn(*row) for row in server.query(_COLUMNS.format(place=place)))
    if not columns:
        raise _explain_missing_table(server, source)
    unique = [tuple(row[0].split("\n")) for row in server.query(_UNIQUE.format(place=place))]
    key = tuple(source.key) or next(iter(unique), ())  # the primary key comes first
    table = Table(
        f"{quote_identifier(source.schema)}.{quote_identifier(source.table)}", source.display_name, columns, key
    )
    _check_named(table, source)
    if source.key and not _is_unique(table, unique):
        _check_unique(server, table)
    return table


# relkind: tables, partitioned ones, views, materialised ones, foreign ones.
_FROM = """
from pg_catalog.pg_class as c
inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
"""
_COLUMNS = f"""
select a.attname::text,
    pg_catalog.format_type(
        case when t.typtype = 'd' then t.typbasetype else a.atttypid end,
        case when t.typtype = 'd' then t.typtypmod else a.atttypmod end
    )::text
{_FROM}
inner join pg_catalog.pg_attribute as a on a.attrelid = c.oid
inner join pg_catalog.pg_type as t on a.atttypid = t.oid
where {{place}} and c.relkind in ('r', 'p', 'v', 'm', 'f') and a.attnum > 0 and not a.attisdropped
order by a.attnum
"""
_UNIQUE = f"""
select string_agg(a.attname::text, chr(10) order by k.place)
{_FROM}
inner join pg_catalog.pg_index as i on i.indrelid = c.oid
cross join lateral unnest(i.indkey::smallint[]) with ordinality as k (attnum, place)
inner join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum = k.attnum
where {{place}} and i.indisprimary and k.place <= i.indnkeyatts
group by i.indexrelid
"""
_OTHERS = f"select n.nspname || '.' || c.relname {_FROM} where c.relkind in ('r', 'p', 'v', 'm', 'f')"


def _explain_missing_table(server: Server, source: TableSource) -> SourceError:
    known = [row[0] for row in server.query(f"{_OTHERS} and n.nspname not in ('pg_catalog', 'information_schema')")]
    wanted = f"{source.schema}.{source.table}"
    then = f"write schema and table as the server spells them; sources.{source.name}.postgres.table names it"
    same_name = [name for name in known if name.endswith(f".{source.table}")]
    do = did_you_mean(wanted, find_nearest(wanted, known, count=3) or same_name, then, count=3)
    return SourceError(f"the PostgreSQL server has no table {wanted!r}", where=source.display_name, do=do)


def _check_named(table: Table, source: TableSource) -> None:
    named = [("key", name) for name in table.key] + ([("cursor", source.cursor)] if source.cursor else [])
    for setting, name in named:
        if name not in table.header:
            what = f"the table has no column {name!r}, which is its {setting}; it has {', '.join(table.header)}"
            then = f"fix sources.{source.name}.postgres.{setting} in patron.yaml, or restore the column in the table"
            raise SourceError(what, where=table.display_name, do=did_you_mean(name, table.header, then))
        if setting == "cursor" and not table.column(name).is_growing:
            what = f"the cursor {name!r} is {table.column(name).kind}, which does not increase with each change"
            do = "name a column of times or numbers, or remove the cursor: then every run compares the full table"
            raise SourceError(what, where=table.display_name, do=do)


def _is_unique(table: Table, unique: Iterable[tuple[str, ...]]) -> bool:
    return any(set(columns) <= set(table.key) for columns in unique)


def _check_unique(server: Server, table: Table) -> None:
    listed = ", ".join(quote_identifier(name) for name in table.key)
    twice = f"select {listed} from {table.quoted} group by {listed} having count(*) > 1 limit 1"
    if server.query(f"select 1 from ({twice}) as twice"):
        what = f"the key ({', '.join(table.key)}) does not identify a row: at least two rows have the same values"
        do = "name more columns in postgres.key; or, if the table has a primary key, remove the setting"
        raise SourceError(what, where=table.display_name, do=do)
