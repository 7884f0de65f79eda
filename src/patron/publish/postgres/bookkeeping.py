"""The bookkeeping in PostgreSQL: which snapshot the tables hold, and which tables and views patron created."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from patron.errors import SettingsError
from patron.ingest.quoting import quote_identifier, quote_literal

if TYPE_CHECKING:
    from patron.project.settings import Shop
    from patron.publish.postgres.schema import Shape
    from patron.publish.postgres.transaction import Writer
    from patron.publish.postgres.views import View
    from patron.publish.snapshot import Snapshot

_PUBLISHED = "published"
_TABLES = "published_tables"
_MADE = """
create table {schema}.published (
    snapshot text primary key, as_of date, published_at timestamptz not null, loaded_at timestamptz not null,
    shop text not null, currency text not null
);
create table {schema}.published_tables (
    table_name text primary key, kind text not null, row_count bigint, content text
);
comment on table {schema}.published is 'Grain: one row, the snapshot that the tables hold.';
comment on column {schema}.published.snapshot is 'Name of the snapshot.';
comment on column {schema}.published.as_of is 'Day that everything is measured as of.';
comment on column {schema}.published.published_at is 'When patron published it.';
comment on column {schema}.published.loaded_at is 'When it was exported to this server.';
comment on column {schema}.published.shop is 'Name of the shop.';
comment on column {schema}.published.currency is 'Currency of every amount.';
comment on table {schema}.published_tables is 'Grain: one table or view that patron created; it leaves others alone.';
comment on column {schema}.published_tables.table_name is 'Name of the table or view.';
comment on column {schema}.published_tables.kind is 'table or view.';
comment on column {schema}.published_tables.row_count is 'Rows of the table.';
comment on column {schema}.published_tables.content is 'A hash of the rows, or of the definition.';
"""


@dataclass
class Record:
    """The record of what patron has written to a schema.

    contents: table or view -> a text that is equal for equal rows or an equal definition.
    """

    writer: Writer
    schema: str
    is_there: bool = False
    snapshot: str | None = None
    tables: list[str] = field(default_factory=list)
    contents: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, writer: Writer, schema: str, present: Mapping[str, Shape]) -> Record:
        """Read the record of a schema. present: the tables and views in it."""
        if not (_TABLES in present and _PUBLISHED in present):
            return cls(writer, schema)
        place = quote_identifier(schema)
        snapshots = writer.query(f"select snapshot from {place}.{_PUBLISHED}")
        rows = writer.query(f"select table_name, kind, content from {place}.{_TABLES} order by table_name")
        tables = [name for name, kind, _ in rows if kind == "table" and name in present]
        contents = {name: content for name, _, content in rows if name in present}
        return cls(writer, schema, True, snapshots[0][0] if snapshots else None, tables, contents)

    def refuse_foreign_tables(self, wanted: Iterable[str], present: Mapping[str, Shape]) -> None:
        """Raise SettingsError if a table or view that patron did not create has a name that it would write."""
        names = [*wanted, *(() if self.is_there else (_PUBLISHED, _TABLES))]
        foreign = [name for name in names if name in present and name not in self.contents]
        if foreign:
            listed = ", ".join(foreign[:5]) + (", ..." if len(foreign) > 5 else "")
            do = "choose another schema with --schema, or rename these"
            what = f"The schema {self.schema} has tables or views that patron did not create: {listed}."
            raise SettingsError(what, where=f"schema {self.schema}", do=do)

    def prepare(self) -> None:
        """Create the tables of the record if they do not exist."""
        if not self.is_there:
            self.writer.execute(_MADE.format(schema=quote_identifier(self.schema)))

    def write(self, snapshot: Snapshot, shop: Shop, views: Iterable[View]) -> None:
        """Record that the schema now holds this snapshot."""
        place = quote_identifier(self.schema)
        as_of = f"{quote_literal(snapshot.as_of)}::date" if snapshot.as_of else "null"
        name, currency = quote_literal(shop.name), quote_literal(shop.currency)
        published_at = f"{quote_literal(snapshot.published_at)}::timestamptz"
        values = f"{quote_literal(snapshot.name)}, {as_of}, {published_at}, now(), {name}, {currency}"
        rows = [_write_row(name, "table", rows, snapshot.contents.get(name)) for name, rows in snapshot.tables.items()]
        rows += [_write_row(view.name, "view", None, view.content) for view in views]
        self.writer.execute(
            f"delete from {place}.{_PUBLISHED}; insert into {place}.{_PUBLISHED} values ({values}); "
            f"delete from {place}.{_TABLES}; insert into {place}.{_TABLES} values {', '.join(rows)}"
        )


def _write_row(name: str, kind: str, rows: int | None, content: str | None) -> str:
    content_value = "null" if content is None else quote_literal(content)
    return f"({quote_literal(name)}, {quote_literal(kind)}, {'null' if rows is None else rows}, {content_value})"
