"""What patron keeps beside its tables in PostgreSQL: of which snapshot they are, and which of them are its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from patron.errors import SettingsError
from patron.ingest.postgres.connection import literal, quoted

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
comment on table {schema}.published is 'Grain: the snapshot that the tables are of, one row.';
comment on column {schema}.published.snapshot is 'Name of the snapshot.';
comment on column {schema}.published.as_of is 'Day that everything is measured at.';
comment on column {schema}.published.published_at is 'When patron published it.';
comment on column {schema}.published.loaded_at is 'When it came to this server.';
comment on column {schema}.published.shop is 'The shop''s name.';
comment on column {schema}.published.currency is 'Currency of every amount.';
comment on table {schema}.published_tables is 'Grain: one table or view that patron made here; others it leaves alone.';
comment on column {schema}.published_tables.table_name is 'The table or view.';
comment on column {schema}.published_tables.kind is 'table or view.';
comment on column {schema}.published_tables.row_count is 'Rows of the table.';
comment on column {schema}.published_tables.content is 'The same for the same rows, or the same definition.';
"""


@dataclass
class Record:
    """What stands in a schema. contents: table or view -> a text that is the same for the same rows or definition."""

    writer: Writer
    schema: str
    is_there: bool = False
    snapshot: str | None = None
    tables: list[str] = field(default_factory=list)
    contents: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, writer: Writer, schema: str, present: Mapping[str, Shape]) -> Record:
        """Of a schema whose tables are these."""
        if not (_TABLES in present and _PUBLISHED in present):
            return cls(writer, schema)
        place = quoted(schema)
        snapshots = writer.query(f"select snapshot from {place}.{_PUBLISHED}")
        rows = writer.query(f"select table_name, kind, content from {place}.{_TABLES} order by table_name")
        tables = [name for name, kind, _ in rows if kind == "table" and name in present]
        contents = {name: content for name, _, content in rows if name in present}
        return cls(writer, schema, True, snapshots[0][0] if snapshots else None, tables, contents)

    def refuse_what_is_not_ours(self, wanted: Iterable[str], present: Mapping[str, Shape]) -> None:
        """Raises SettingsError where somebody else has a table or view under a name that patron would write."""
        names = [*wanted, *(() if self.is_there else (_PUBLISHED, _TABLES))]
        foreign = [name for name in names if name in present and name not in self.contents]
        if foreign:
            listed = ", ".join(foreign[:5]) + (", ..." if len(foreign) > 5 else "")
            do = "name another schema with --schema, or move what is there"
            what = f"The schema {self.schema} has tables or views of these names that patron did not make: {listed}."
            raise SettingsError(what, where=f"schema {self.schema}", do=do)

    def prepare(self) -> None:
        """Make the record's own tables, where they are not there."""
        if not self.is_there:
            self.writer.execute(_MADE.format(schema=quoted(self.schema)))

    def write(self, snapshot: Snapshot, shop: Shop, views: Iterable[View]) -> None:
        """The schema now holds this snapshot."""
        place = quoted(self.schema)
        as_of = f"{literal(snapshot.as_of)}::date" if snapshot.as_of else "null"
        said = ", ".join(map(literal, (shop.name, shop.currency)))
        values = f"{literal(snapshot.name)}, {as_of}, {literal(snapshot.published_at)}::timestamptz, now(), {said}"
        rows = [_row(name, "table", rows, snapshot.contents.get(name)) for name, rows in snapshot.tables.items()]
        rows += [_row(view.name, "view", None, view.content) for view in views]
        self.writer.execute(
            f"delete from {place}.{_PUBLISHED}; insert into {place}.{_PUBLISHED} values ({values}); "
            f"delete from {place}.{_TABLES}; insert into {place}.{_TABLES} values {', '.join(rows)}"
        )


def _row(name: str, kind: str, rows: int | None, content: str | None) -> str:
    said = "null" if content is None else literal(content)
    return f"({literal(name)}, {literal(kind)}, {'null' if rows is None else rows}, {said})"
