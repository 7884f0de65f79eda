"""Delta tables to bronze: rows that are new, changed or gone since the version that landed last, all of them or none.

A landing's position is the table's name with a number that grows; its cursor holds the table's id and version. Where
the table keeps a change data feed, that says what changed. Otherwise, and where the feed no longer reaches back, all
rows are compared with those of bronze.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from patron.errors import SourceError
from patron.ingest.bronze_rows import Stamp
from patron.ingest.changelog import ChangelogColumns
from patron.ingest.comparison import Comparison, Read
from patron.ingest.delta.table import FeedError, Table, open_table, translate_errors
from patron.ingest.quoting import quote_identifier
from patron.ingest.source import Landing, OnProgress
from patron.lake import DELETED, BronzeTable, Lake, LandedPosition, Position, Staged

if TYPE_CHECKING:
    import duckdb

    from patron.ingest.delta.source import DeltaSource

_BATCH_ROWS = 2**16
_IS_GONE = "(_change_type in ('delete', 'update_preimage'))"


def land_table(
    lake: Lake, source: DeltaSource, *, full_compare: bool = False, on_progress: OnProgress | None = None
) -> Landing:
    """Land what is new, changed or gone in a table. With nothing of that, nothing is written.

    full_compare: compare all rows, also where the table has a change data feed.
    on_progress: called with the number of rows that landed so far.
    Raises SourceError (no table, not as it was, or it cannot be read): then nothing of the table has landed.
    EngineError where the disk is full; LockedError where another process lands here too.
    """
    landing = Landing(source.name, is_changelog=True)
    with _open_engine(source, lake.root / "_staging" / f"{source.name}.spill") as engine:
        _TableLander(lake, source, engine, landing, on_progress or (lambda _rows: None)).land(full_compare)
    return landing


@contextmanager
def _open_engine(source: DeltaSource, spill: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    import duckdb

    config = {"memory_limit": source.memory_limit, "temp_directory": str(spill)}
    with duckdb.connect(":memory:", config=config) as engine:
        engine.execute("set enable_progress_bar = false")
        engine.execute("set timezone = 'UTC'")
        yield engine


class _TableLander:
    def __init__(
        self,
        lake: Lake,
        source: DeltaSource,
        engine: duckdb.DuckDBPyConnection,
        landing: Landing,
        on_progress: OnProgress,
    ) -> None:
        self.lake, self.source, self.engine, self.landing = lake, source, engine, landing
        self.on_progress = on_progress
        self.bronze: BronzeTable = lake.table(source.name)
        self.table: Table = open_table(source)
        self.columns = ChangelogColumns(self.bronze, self.table, source.optional_columns)

    def land(self, full_compare: bool) -> None:
        since = None if full_compare else self._find_since()
        if since == self.table.version and not self.columns.has_new:
            return
        staged, stamp = self._stage(since)
        is_moved = since is not None and since < self.table.version
        if not staged.rows and self.bronze.exists and not self.columns.has_new and not is_moved:
            self.bronze.discard_staged()
            return
        self.bronze.commit(staged, positions=[self._make_position(staged.rows)], batch_id=stamp.batch_id)
        if staged.rows or self.columns.has_new:
            self.landing.rows, self.landing.batch_ids = staged.rows, [stamp.batch_id]
        self.landing.warnings += [f"{self.source.name}: {warning}" for warning in self._list_warnings()]

    @cached_property
    def landed(self) -> LandedPosition | None:
        """The latest landing of the table."""
        known = self.bronze.landings() if self.bronze.exists else []
        return next((one for one in reversed(known) if one.id == self.source.display_name), None)

    def _find_since(self) -> int | None:
        """The version that landed last, of this very table; None where all rows have to be compared.

        Raises SourceError where the table is older than what landed.
        """
        if self.landed is None or self.landed.cursor.get("table") != self.table.id:
            return None
        since = int(self.landed.cursor["version"])
        if since > self.table.version:
            what = f"the table is at version {self.table.version}, and version {since} has landed"
            do = "bring the table up to date; or, if it was put back on purpose, `patron run --full-compare`"
            raise SourceError(what, where=self.table.display_name, do=do)
        return since

    def _stage(self, since: int | None) -> tuple[Staged, Stamp]:
        """Stage what changed: by the feed if it tells, else by comparing all rows."""
        if since is not None:
            try:
                return self._stage_rows(self._read_feed(since))
            except FeedError:
                self.landing.rows_read = self.landing.deleted_rows = 0
        return self._stage_rows(self._compare())

    def _stage_rows(self, batches: Iterator[pa.RecordBatch]) -> tuple[Staged, Stamp]:
        stamp = Stamp(self.columns.common.schema, self.lake.next_batch_id(), datetime.now(UTC))

        def rows() -> Iterator[pa.RecordBatch]:
            for batch in batches:
                self.landing.deleted_rows += batch.column(DELETED).true_count
                yield stamp.stamp(batch, self.source.display_name)
                self.on_progress(stamp.rows)

        return self.bronze.stage(pa.RecordBatchReader.from_batches(stamp.schema, rows())), stamp

    def _read_feed(self, since: int) -> Iterator[pa.RecordBatch]:
        """What the feed says, in the order of the table's versions; the old rows of each before its new ones."""
        import duckdb

        reader = self.table.read_changes(since)
        try:
            self.engine.register("feed", reader)
            self.engine.execute("create or replace temp table changes as select * from feed")
        except (duckdb.Error, pa.ArrowException, OSError) as error:  # files of the feed are gone
            raise FeedError from error
        self.landing.rows_read = self._count("select count(*) from changes")
        self._check_key_of_changes()
        values = self.columns.write_values(self._quote_column, _IS_GONE)
        return self._stream(f"select {values} from changes order by _commit_version, {_IS_GONE} desc")

    def _check_key_of_changes(self) -> None:
        if not self.table.key:
            self._refuse_gone(self._count(f"select count(*) from changes where {_IS_GONE}"))
            return
        listed = ", ".join(map(quote_identifier, self.table.key))
        self._check_unique(f"semi join (select {listed} from changes where not {_IS_GONE}) using ({listed})")

    def _compare(self) -> Iterator[pa.RecordBatch]:
        """All rows, or those that differ from bronze."""
        with translate_errors(self.source), self._translate_engine_errors():
            if self.table.key:
                self._check_unique("")
            self.engine.register("arrived", self.table.read())
            sql = f"select {self.columns.write_values(self._quote_column)} from arrived"
            files = self.bronze.files() if self.bronze.exists else []
            if not files:
                for batch in self._stream(sql):
                    self.landing.rows_read += batch.num_rows
                    yield batch
                return
            key = self.columns.name_in_bronze(self.table.key)
            read = Read(sql, self.columns.common.schema, self.columns.list_compared(), key, is_full=True)
            comparison = Comparison(self.engine, read, files)
            comparison.compare()
            self.landing.rows_read = comparison.rows_read
            if not key:
                self._refuse_gone(comparison.count_vanished())
            yield from comparison.batches()

    def _refuse_gone(self, rows: int) -> None:
        """Refuse rows that are gone where no key says which they were."""
        if rows:
            what = f"{rows:,} rows of the table were changed or deleted, and nothing says which rows they were"
            do = f"name the columns that identify a row in {self.source.where}.key"
            raise SourceError(what, where=self.table.display_name, do=do)

    def _check_unique(self, among: str) -> None:
        """See that the key tells rows apart. among: a join that leaves the rows to look at."""
        self.engine.register("keys", self.table.read(list(self.table.key)))
        listed = ", ".join(map(quote_identifier, self.table.key))
        twice = f"select 1 from keys {among} group by {listed} having count(*) > 1 limit 1"
        if self._count(f"select count(*) from ({twice})"):
            what = f"the key ({', '.join(self.table.key)}) does not identify a row: two rows have the same values"
            raise SourceError(what, where=self.table.display_name, do=f"name more columns in {self.source.where}.key")

    @contextmanager
    def _translate_engine_errors(self) -> Iterator[None]:
        import duckdb

        try:
            yield
        except duckdb.Error as error:
            what = f"the Delta table cannot be compared: {str(error).strip().splitlines()[0]}; nothing of it landed"
            raise SourceError(what, where=self.table.display_name, do="run again") from error

    def _quote_column(self, number: int) -> str:
        return quote_identifier(self.table.header[number])

    def _count(self, sql: str) -> int:
        (row,) = self.engine.execute(sql).fetchall()
        return int(row[0])

    def _stream(self, sql: str) -> Iterator[pa.RecordBatch]:
        yield from self.engine.execute(sql).to_arrow_reader(_BATCH_ROWS)

    def _make_position(self, rows: int) -> Position:
        before, name = self.bronze.position(self.source.display_name) or 0, self.source.display_name
        cursor = {"table": self.table.id, "version": str(self.table.version)}
        return Position(name, before + 1, name, rows, key=self.columns.name_in_bronze(self.table.key), cursor=cursor)

    def _list_warnings(self) -> Iterator[str]:
        yield from self.columns.list_warnings()
        if self.landed is not None and self.landed.cursor.get("table") != self.table.id:
            yield f"{self.table.display_name} is another table than before; all its rows were compared"
        if not self.table.has_feed:
            yield (
                f"{self.table.display_name} keeps no change data feed, so each run compares all its rows "
                "(its owner can set delta.enableChangeDataFeed = true)"
            )
