"""Export the published tables to a PostgreSQL schema, in one transaction.

Rows are deleted and inserted in place. So a reader sees either the old rows or the new ones, in all tables and at any
isolation level, does not wait, and keeps its own views and grants.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.contract.personal_data import list_personal_columns
from patron.errors import LockedError, NothingBuiltError, PatronError, SettingsError
from patron.ingest.quoting import quote_identifier, quote_literal
from patron.publish.destinations import Export, ExportRequest
from patron.publish.postgres.bookkeeping import Record
from patron.publish.postgres.locks import lock_out_readers, refuse_where_others_depend
from patron.publish.postgres.schema import (
    derive_shape,
    find_lost_columns,
    list_column_changes,
    list_comment_changes,
    list_key_changes,
    postgres_types,
    read_shapes,
)
from patron.publish.postgres.transaction import Destination, Writer, open_transaction, parse_destination
from patron.publish.postgres.views import View, load_views, recreate_views
from patron.publish.snapshot import Snapshot, load_current

if TYPE_CHECKING:
    from patron.project.project import Project

SCHEMA = "gold"


def export(project: Project, request: ExportRequest) -> Export:
    """Export as `patron export` asks, for destinations.py."""
    return export_to_postgres(project, request.to, schema=request.schema, force=request.force)


def export_to_postgres(project: Project, to: str, *, schema: str = SCHEMA, force: bool = False) -> Export:
    """Bring a schema of a PostgreSQL server up to date with the published snapshot.

    to: postgres://user@host/database, or the name of an environment variable that holds it.
    force: also write tables that have not changed.
    Raises SettingsError, NothingBuiltError before the first run, LockedError while another export writes there,
    DestinationError if the server refuses. After any error, readers still see what was there.
    """
    where = "patron export"
    _refuse_system_schema(schema, where)
    target = parse_destination(to, where)
    while True:
        snapshot = load_current(project.published)
        if snapshot is None:
            do = "run `patron run` first"
            raise NothingBuiltError("Nothing is published yet.", where=str(project.published), do=do)
        try:
            return _export(project, snapshot, target, schema, force)
        except PatronError:
            if load_current(project.published) == snapshot:  # otherwise later runs have deleted its files
                raise


def _refuse_system_schema(schema: str, where: str) -> None:
    if not schema.strip() or schema.startswith("pg_") or schema == "information_schema" or len(schema) > 63:
        do = "choose another, such as --schema gold"
        raise SettingsError(f"{schema!r} is not a schema that patron can write.", where=where, do=do)


def _export(project: Project, snapshot: Snapshot, to: Destination, schema: str, force: bool) -> Export:
    with open_transaction(to, f"schema {schema}", "patron export") as writer:
        if not writer.lock(schema):
            do = "wait until it is done; nothing was changed"
            raise LockedError("Another export is writing this schema.", where=f"schema {schema}", do=do)
        if not writer.has_schema(schema):
            writer.execute(f"create schema {quote_identifier(schema)}")
        return _Exporter(project, snapshot, writer, schema, force).export()


class _Exporter:
    """One export, with the shapes of the tables as they should be and as they are."""

    def __init__(self, project: Project, snapshot: Snapshot, writer: Writer, schema: str, force: bool) -> None:
        self.snapshot, self.writer, self.schema, self.force = snapshot, writer, schema, force
        self.folder = project.published / snapshot.name
        self.shop = project.settings.shop
        is_personal = project.settings.publish.personal
        left_out = frozenset() if is_personal else list_personal_columns()
        with writer.explain_errors():
            types = {name: postgres_types(writer.engine, self._select_rows(name)) for name in snapshot.tables}
        self.wanted = {name: derive_shape(name, types[name], left_out) for name in snapshot.tables}
        self.views = load_views(schema, set(self.wanted), is_personal=is_personal)
        self.present = read_shapes(writer, schema)
        self.record = Record.read(writer, schema, self.present)
        self.record.refuse_foreign_tables([*self.wanted, *(view.name for view in self.views)], self.present)
        personal = left_out.intersection(name for columns in types.values() for name in columns)
        self.report = Export(schema, snapshot.name, snapshot.as_of, left_out=sorted(personal))

    def _select_rows(self, table: str) -> str:
        return f"read_parquet({quote_literal(str(self.folder / f'{table}.parquet'))})"

    def export(self) -> Export:
        """Write what differs."""
        gone = [name for name in self.record.tables if name not in self.wanted]
        reshaped = [name for name in self.wanted if self._is_reshaped(name)]
        to_load = [name for name in self.wanted if name not in reshaped and self._is_stale(name)]
        views = self._find_views_to_create(gone, reshaped)
        if not self.force and not (gone or reshaped or to_load or views) and self.record.snapshot == self.snapshot.name:
            self.report.unchanged = list(self.wanted)
            return self.report
        refuse_where_others_depend(
            self.writer, self.schema, gone, self._find_lost_columns(reshaped), [view.name for view in views]
        )
        self.record.prepare()
        for name in to_load:
            self._execute(self._list_column_changes(name))
        for name in to_load:
            self._delete_rows(name)
            self._fill(name)
        for name in to_load:
            self._finish(name)
        self._replace(gone, reshaped, views)
        self.record.write(self.snapshot, self.shop, self.views)
        self.report.is_new = True
        if self.report.loaded:
            self.writer.afterwards = ["vacuum (analyze) " + ", ".join(map(self._qualify, self.report.loaded))]
        self.report.unchanged = [name for name in self.wanted if name not in self.report.loaded]
        self.report.views = [view.name for view in self.views]
        return self.report

    def _is_reshaped(self, name: str) -> bool:
        """Return whether an existing table needs other columns or another key."""
        wanted, present = self.wanted[name], self.present.get(name)
        changes = list_column_changes(self.schema, wanted, present) + list_key_changes(self.schema, wanted, present)
        return present is not None and bool(changes)

    def _is_stale(self, name: str) -> bool:
        content = self.snapshot.contents.get(name)
        return self.force or name not in self.present or content is None or self.record.contents.get(name) != content

    def _find_lost_columns(self, reshaped: list[str]) -> dict[str, list[str]]:
        return {name: find_lost_columns(self.wanted[name], self.present[name]) for name in reshaped}

    def _find_views_to_create(self, gone: list[str], reshaped: list[str]) -> list[View]:
        """Return all views if a table loses a column that they may read, otherwise those that are new or redefined."""
        if gone or any(self._find_lost_columns(reshaped).values()):
            return self.views
        return [one for one in self.views if self.record.contents.get(one.name) != one.content]

    def _replace(self, gone: list[str], reshaped: list[str], views: list[View]) -> None:
        """Make the changes that lock readers out, last, so that they wait as briefly as possible."""
        there = [view.name for view in views if view.name in self.present]
        lock_out_readers(self.writer, self.schema, [*gone, *reshaped, *there])
        with recreate_views(self.writer, self.schema, views, there, self.wanted):
            for name in gone:
                self.writer.execute(f"drop table {self._qualify(name)}")
            for name in reshaped:
                self._delete_rows(name)
                self._execute(self._list_column_changes(name))
                self._fill(name)
                self._finish(name)

    def _delete_rows(self, name: str) -> None:
        if name in self.present:
            self.writer.execute(f"delete from {self._qualify(name)}", is_about_rows=True)

    def _fill(self, name: str) -> None:
        columns = self.wanted[name].columns
        listed = ", ".join(_select(column, kind) for column, kind in columns.items())
        self.writer.insert(self.schema, name, list(columns), f"select {listed} from {self._select_rows(name)}")
        self.report.loaded[name] = self.snapshot.tables[name]

    def _finish(self, name: str) -> None:
        """Add key, indexes and comments: an index builds faster after the rows are there."""
        wanted, present = self.wanted[name], self.present.get(name)
        self._execute(list_key_changes(self.schema, wanted, present))
        self._execute(list_comment_changes(self.schema, wanted, present))

    def _list_column_changes(self, name: str) -> list[str]:
        return list_column_changes(self.schema, self.wanted[name], self.present.get(name))

    def _execute(self, statements: list[str]) -> None:
        if statements:
            self.writer.execute("; ".join(statements))

    def _qualify(self, table: str) -> str:
        return f"{quote_identifier(self.schema)}.{quote_identifier(table)}"


def _select(column: str, kind: str) -> str:
    """Select a column as that type; what PostgreSQL has no type for is exported as text."""
    return f"{quote_identifier(column)}::varchar" if kind == "text" else quote_identifier(column)
