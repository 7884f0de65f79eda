"""Tables of a database to bronze: rows that are new, changed or gone since the last read, all of them or none.

A landing's position is the table's name with a version that grows, in the commit that holds the rows. With a cursor
it also holds the highest value seen, where the next read starts.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from patron.errors import SourceError
from patron.ingest.bronze_rows import Stamp
from patron.ingest.changelog import ChangelogColumns
from patron.ingest.column_names import check_required
from patron.ingest.comparison import Comparison, Read
from patron.ingest.postgres.server import Server, connect_server
from patron.ingest.postgres.table import Look, Table, count_rows, read_table, since_condition
from patron.ingest.source import Landing, OnProgress, TableSource
from patron.lake import DELETED, BronzeTable, Lake, Position, Staged

_BATCH_ROWS = 2**16


def land_table(
    lake: Lake, source: TableSource, *, full_compare: bool = False, on_progress: OnProgress | None = None
) -> Landing:
    """Land what is new, changed or gone in a table. With nothing of that, nothing is written.

    full_compare: read the table in full, also where the source has a cursor.
    on_progress: called with the number of rows that landed so far.
    Raises SettingsError (no connection named, extra not installed), SourceError (the server, the table or a column is
    not there or not as it was; the connection was cut): then nothing of the table has landed. EngineError where the
    disk is full; LockedError where another process lands here too.
    """
    landing = Landing(source.name, is_changelog=True)
    with connect_server(source, lake.root / "_staging" / f"{source.name}.spill") as server:
        _TableLander(lake, source, server, landing, on_progress or (lambda _rows: None)).land(full_compare)
    return landing


def describe_table(source: TableSource) -> str:
    """What a table offers, in a few words. Raises as `land_table` does; nothing lands."""
    with TemporaryDirectory() as spill, connect_server(source, Path(spill)) as server:
        table = read_table(server, source)
        check_required(source.required_columns, [*table.header, DELETED], table.display_name, "table")
        rows = count_rows(server, table, None).rows
    key = f"key {', '.join(table.key)}" if table.key else "no key: deleted rows cannot be detected"
    how = f"by the cursor {source.cursor}" if source.cursor else "in full, every run"
    return f"{table.display_name}: {rows:,} rows, {len(table.columns)} columns, {key}; read {how}"


class _TableLander:
    def __init__(
        self, lake: Lake, source: TableSource, server: Server, landing: Landing, on_progress: OnProgress
    ) -> None:
        self.lake, self.source, self.server, self.landing = lake, source, server, landing
        self.on_progress = on_progress
        self.bronze: BronzeTable = lake.table(source.name)
        self.read_count = 0

    def land(self, full_compare: bool) -> None:
        since = None if full_compare else self._since()
        look = count_rows(self.server, self.table, since)
        batch_id, stamp = self._stamp()
        staged = self._stage(stamp, look, since)
        if self._is_unchanged(staged):
            self.bronze.discard_staged()
            return
        position = self._position(look, staged.rows)
        self.bronze.commit(staged, positions=[position], batch_id=batch_id)
        self.landing.rows, self.landing.batch_ids = staged.rows, [batch_id]
        self.landing.warnings += [f"{self.source.name}: {warning}" for warning in self._warnings(look)]

    @cached_property
    def table(self) -> Table:
        table = read_table(self.server, self.source)
        check_required(self.source.required_columns, [*table.header, DELETED], table.display_name, "table")
        return table

    @cached_property
    def columns(self) -> ChangelogColumns:
        return ChangelogColumns(self.bronze, self.table, self.source.optional_columns)

    @cached_property
    def key(self) -> list[str]:
        """The key as bronze spells it."""
        return self.columns.name_in_bronze(self.table.key)

    def _since(self) -> str | None:
        """The cursor's value that was seen last, by the latest landing that knows it."""
        if self.source.cursor is None or not self.bronze.exists:
            return None
        known = [
            p for p in self.bronze.landings() if p.id == self.source.display_name and self.source.cursor in p.cursor
        ]
        return known[-1].cursor[self.source.cursor] if known else None

    def _stamp(self) -> tuple[int, Stamp]:
        batch_id = self.lake.next_batch_id()
        return batch_id, Stamp(self.columns.common.schema, batch_id, datetime.now(UTC))

    def _stage(self, stamp: Stamp, look: Look, since: str | None) -> Staged:
        def rows() -> Iterator[pa.RecordBatch]:
            with self.server.translate_errors():
                for batch in self._batches(look, since):
                    self.landing.deleted_rows += batch.column(DELETED).true_count
                    yield stamp.stamp(batch, self.source.display_name)
                    self.on_progress(stamp.rows)
            self._check_complete(look)

        return self.bronze.stage(pa.RecordBatchReader.from_batches(stamp.schema, rows()))

    def _batches(self, look: Look, since: str | None) -> Iterator[pa.RecordBatch]:
        read, files = self._read(look, since), self.bronze.files() if self.bronze.exists else []
        if files:
            comparison = Comparison(self.server.engine, read, files)
            comparison.compare()
            self.landing.rows_read = comparison.rows_read
            yield from comparison.batches()
            return
        for batch in self.server.engine.execute(read.sql).to_arrow_reader(_BATCH_ROWS):
            self.landing.rows_read += batch.num_rows
            yield batch

    def _read(self, look: Look, since: str | None) -> Read:
        values = self.columns.write_values(lambda number: f"c{number}")
        sql = f"select {values} from {self.server.relation(self._select(look, since))}"
        return Read(sql, self.columns.common.schema, self.columns.list_compared(), self.key, since is None)

    def _select(self, look: Look, since: str | None) -> str:
        """The read in the server's own SQL; its columns are c0, c1, ..., for names may be of any kind."""
        columns = (
            f"{column.read(column.name not in look.not_finite)} as c{number}"
            for number, column in enumerate(self.table.columns)
        )
        return f"select {', '.join(columns)} from {self.table.quoted}{since_condition(self.server, self.table, since)}"

    def _check_complete(self, look: Look) -> None:
        if self.landing.rows_read != look.rows:
            what = f"{look.rows:,} rows were expected and {self.landing.rows_read:,} were read; none of them landed"
            do = "run again; if it happens again, name columns in postgres.key that identify a row"
            raise SourceError(what, where=self.source.display_name, do=do)

    def _is_unchanged(self, staged: Staged) -> bool:
        """No row has changed; but a table's first landing, and a column's, tells what there is to map."""
        return not staged.rows and self.bronze.exists and not self.columns.has_new

    def _position(self, look: Look, rows: int) -> Position:
        before = self.bronze.position(self.source.display_name) or 0
        latest = look.latest if look.latest is not None else self._since()
        cursor = {self.source.cursor: latest} if self.source.cursor and latest is not None else {}
        name = self.source.display_name
        return Position(name, before + 1, name, rows, key=self.key, cursor=cursor)

    def _warnings(self, look: Look) -> Iterator[str]:
        name = self.table.display_name
        yield from self.columns.list_warnings()
        for column, count in look.not_finite.items():
            yield f"{name}: {count:,} values of {column!r} are infinity or NaN; they are NULL in bronze"
        if not self.key:
            yield (
                f"{name} has no primary key and postgres.key names none: a changed row lands beside its earlier "
                "version, and deleted rows cannot be detected"
            )
