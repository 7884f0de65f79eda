"""Export the published tables to a warehouse in the cloud: load what changed, then move the pointer in one statement.

A reader sees either the old rows or the new ones, in all tables. What a killed export leaves is not seen, and the next
one removes it.
"""

from __future__ import annotations

import datetime as dt
import re
import secrets
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from patron.contract.personal_data import list_personal_columns
from patron.engines.clouds.environment import Account
from patron.engines.clouds.registry import CLOUDS
from patron.errors import EngineError, NothingBuiltError, PatronError, SettingsError
from patron.publish.clouds.loading_files import Shape, derive_shape
from patron.publish.clouds.pointer import LOAD, Loaded, Pointer
from patron.publish.clouds.writer_lock import WriterLock
from patron.publish.destinations import Export, ExportRequest
from patron.publish.snapshot import Snapshot, load_current

if TYPE_CHECKING:
    from patron.engines.clouds.client import CloudClient
    from patron.project.project import Project

_SCHEMA = re.compile(r"[a-z][a-z0-9_]{0,63}")
_WHERE = "patron export"


class CloudExportError(PatronError):
    """A warehouse in the cloud refused what was written; its readers still see what was there."""

    exit_code = 3
    kind = "destination"
    summary = "A destination refused what was written."


def export(project: Project, request: ExportRequest) -> Export:
    """Export as `patron export` asks, for destinations.py."""
    return export_to_cloud(project, request.to, schema=request.schema, force=request.force)


def export_to_cloud(project: Project, to: str, *, schema: str = "gold", force: bool = False) -> Export:
    """Bring a schema (BigQuery: a dataset) up to date with the published snapshot.

    to: bigquery, snowflake or databricks; the account is in environment variables, see docs/engines.md. force: also
    load tables that have not changed.
    Raises SettingsError, NothingBuiltError before the first run, LockedError while another export writes there,
    CloudExportError if the warehouse refuses. After any error, readers still see what was there.
    """
    if not _SCHEMA.fullmatch(schema):
        do = "choose another of small letters, digits and underscores, such as --schema gold"
        raise SettingsError(f"{schema!r} is not a schema that patron can write.", where=_WHERE, do=do)
    while True:
        snapshot = load_current(project.published)
        if snapshot is None:
            raise NothingBuiltError(
                "Nothing is published yet.", where=str(project.published), do="run `patron run` first"
            )
        try:
            return _export(project, snapshot, to, schema, force)
        except (PatronError, OSError):
            if load_current(project.published) == snapshot:  # otherwise later runs have deleted its files
                raise


def _export(project: Project, snapshot: Snapshot, to: str, schema: str, force: bool) -> Export:
    try:
        client = CLOUDS[to](Account(to, {}, f"{_WHERE} --to {to}"))
        try:
            return _Exporter(project, snapshot, client, schema, force).export()
        finally:
            client.close()
    except EngineError as error:
        do = f"{error.do}; readers still see what was there"
        raise CloudExportError(error.what, where=error.where, do=do) from error


class _Exporter:
    """One export, with the tables as they should be and what the pointer says."""

    def __init__(self, project: Project, snapshot: Snapshot, client: CloudClient, schema: str, force: bool) -> None:
        self.snapshot, self.client, self.schema, self.force = snapshot, client, schema, force
        self.shop, self.load_id = project.settings.shop, f"{snapshot.name}-{secrets.token_hex(4)}"
        self.pointer = Pointer(client, schema)
        self.lock = WriterLock(client, self.pointer.loads, self.load_id)
        left_out = frozenset() if project.settings.publish.personal else list_personal_columns()
        folder = project.published / snapshot.name
        shapes = [derive_shape(name, folder / f"{name}.parquet", left_out) for name in snapshot.tables]
        self.wanted: dict[str, Shape] = {shape.name: shape for shape, _ in shapes}
        personal = set[str]().union(*(columns for _, columns in shapes))
        self.report = Export(schema, snapshot.name, snapshot.as_of, left_out=sorted(personal))

    def export(self) -> Export:
        """Load what differs, and move the pointer."""
        self.pointer.prepare()
        self.lock.take()
        try:
            known = self.pointer.read()
            self.pointer.refuse_foreign_tables(self.wanted, known)
            self._bring_up_to_date(known)
        finally:
            self.lock.release()
        return self.report

    def _bring_up_to_date(self, known: Mapping[str, Loaded]) -> None:
        to_load = [name for name in self.wanted if self._is_stale(name, known.get(name))]
        missing = {*self.wanted} - self.client.list_tables(self.schema)
        gone = [name for name in known if name not in self.wanted]
        is_current = all(one.snapshot == self.snapshot.name for one in known.values())
        self.report.unchanged = [name for name in self.wanted if name not in to_load]
        if known and not (self.force or to_load or missing or gone) and is_current:
            return
        for name in to_load:
            self._load(name)
        reshaped = [name for name in to_load if name in known and known[name].definition != self._define(name)]
        for name in set(to_load) - missing - set(reshaped):
            self._write_view(name, self.pointer.write_load(name))
        for name in reshaped:
            self._write_view(name, self.client.literal(self.load_id))
        rows = [self._point(name, known.get(name), name in to_load) for name in self.wanted]
        self.lock.check()
        self.pointer.move(rows)
        self.report.is_new = True
        self._finish({*missing, *reshaped}, gone, known, rows)

    def _is_stale(self, name: str, known: Loaded | None) -> bool:
        content = self.snapshot.contents.get(name)
        is_same = known is not None and content is not None and known.content == content
        return self.force or not is_same or known is None or known.definition != self._define(name)

    def _define(self, name: str) -> str:
        return self.wanted[name].definition

    def _load(self, name: str) -> None:
        """Load the rows of a table beside those that readers see."""
        shape = self.wanted[name]
        with tempfile.TemporaryDirectory(prefix="patron-export-") as folder:
            file = Path(folder) / f"{name}-{self.load_id}.parquet"
            columns = shape.write(self.load_id, file)
            place = f"{self.pointer.loads}.{shape.place}"
            self.client.execute(f"create table if not exists {place} ({self.client.write_columns(columns)})")
            self.client.load(self.pointer.loads, shape.place, file)
        self.report.loaded[name] = self.snapshot.tables[name]
        self.lock.renew()

    def _write_view(self, name: str, load: str) -> None:
        shape = self.wanted[name]
        columns = ", ".join(self.client.name(column) for column in shape.casts)
        select = f"select {columns} from {self.pointer.loads}.{shape.place} where {LOAD} = {load}"
        view = f"{self.schema}.{name}"
        self.client.execute(self.client.write_view(view, select, shape.description, shape.comments))

    def _point(self, name: str, known: Loaded | None, is_loaded: bool) -> Loaded:
        load_id = self.load_id if is_loaded or known is None else known.load_id
        now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        return Loaded(
            *(name, load_id, self.wanted[name].place, self._define(name), self.snapshot.contents.get(name, "")),
            *(self.snapshot.tables[name], self.snapshot.name, self.snapshot.as_of, self.snapshot.published_at, now),
            *(self.shop.name, self.shop.currency),
        )

    def _finish(self, views: set[str], gone: list[str], known: Mapping[str, Loaded], rows: list[Loaded]) -> None:
        """Do what readers do not wait for: views of new tables, and rows that nobody sees any more."""
        for name in sorted(views):
            self._write_view(name, self.pointer.write_load(name))
        if not known or {"published", "published_tables"} - self.client.list_tables(self.schema):
            for statement in self.pointer.write_records():
                self.client.execute(statement)
        for name in gone:
            self.client.execute(f"drop view if exists {self.schema}.{name}")
        places = {row.place: row.load_id for row in rows}
        for place in self.client.list_tables(self.pointer.loads) - {"pointer", "writer"}:
            self._remove_old_rows(place, places.get(place))

    def _remove_old_rows(self, place: str, load_id: str | None) -> None:
        """Remove the rows of other loads; all of a table that no longer has any to show."""
        table = f"{self.pointer.loads}.{place}"
        if load_id is None:
            self.client.execute(f"drop table if exists {table}")
        else:
            self.client.execute(f"delete from {table} where {LOAD} <> {self.client.literal(load_id)}")
