"""One bronze table: rows are appended exactly once, and each landing is on record."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from patron.errors import LockedError, NothingBuiltError, PatronError, SourceError
from patron.lake import staging
from patron.lake.added_files import list_added_files
from patron.lake.compaction import (
    COMPACTION,
    can_merge,
    checkpoint,
    find_small_files,
    refuse_lost_rows,
    write_merge,
)
from patron.lake.errors import translate_errors
from patron.lake.folded_names import fold_name
from patron.lake.history import read_history
from patron.lake.offsets import LandedPosition, Position, commit_properties, refuse_newer
from patron.lake.open_folder import open_folder
from patron.lake.schema_evolution import find_common_type, rewrite
from patron.lake.staging import TABLE_SETTINGS, Staged
from patron.lake.technical_columns import HEADER_KEY, TECHNICAL_COLUMNS

if TYPE_CHECKING:
    import pyarrow as pa
    from deltalake import CommitProperties, DeltaTable

    from patron.storage.bucket import StoredObject
    from patron.storage.folder import RemoteFolder

_FEW_POSITIONS = 16


class BronzeTable:
    """One append-only Delta table."""

    def __init__(self, path: Path, staging: Path, remote: RemoteFolder | None = None) -> None:
        """Name a table. path: its folder. remote: its folder in a bucket; then `path` has copies of its data files."""
        self.path, self._staging = path, staging
        self._folder = open_folder(remote or path)
        self._opened: tuple[tuple[str, int], DeltaTable] | None = None  # the log as it was, and the table as of then

    @property
    def exists(self) -> bool:
        """Whether anything was ever committed."""
        with self._folder.translate_errors():
            return self._folder.has_log()

    @property
    def uri(self) -> str:
        """Where the table is, as readers of Delta tables take it: a path, or an address in object storage."""
        return self._folder.uri

    @property
    def storage_options(self) -> dict[str, str] | None:
        """What delta-rs is told beside the address of a table in a bucket."""
        return self._folder.options

    def append(
        self,
        batches: pa.RecordBatchReader,
        *,
        positions: list[Position],
        batch_id: int,
        summary: dict[str, Any] | None = None,
    ) -> int:
        """Stage and commit in one go; gives the number of rows. Raises as `stage` and `commit` do."""
        return self.commit(self.stage(batches), positions=positions, batch_id=batch_id, summary=summary)

    def stage(self, batches: pa.RecordBatchReader) -> Staged:
        """Write rows where no reader sees them, in bounded memory, replacing what a crash left there.

        Raises EngineError where the disk is full, and whatever `batches` raises.
        """
        with translate_errors(self._staging):
            return staging.write(self._staging, batches)

    def commit(
        self,
        staged: Staged,
        *,
        positions: list[Position],
        batch_id: int,
        summary: dict[str, Any] | None = None,
    ) -> int:
        """Make staged rows part of the table, with their positions, in one atomic Delta commit.

        Raises EngineError (disk full, damaged table), LockedError (another run committed meanwhile).
        """
        properties = commit_properties(positions, batch_id, summary or {})
        try:
            with self._folder.translate_errors():
                self._move_in(staged)
                if self.exists:
                    self._add(self._open_wide_enough(staged.schema), staged, positions, properties)
                else:
                    self._create(staged, properties)
        except PatronError:
            self._move_back(staged)
            raise
        self.discard_staged()
        return staged.rows

    def _move_in(self, staged: Staged) -> None:
        self._folder.move_in(staged.folder, [add.path for add in staged.adds])

    def _move_back(self, staged: Staged) -> None:
        """Free the space of files that did not become part of the table, if the log can tell."""
        with contextlib.suppress(PatronError):
            held = set(self._sizes()) if self.exists else set()
            self._folder.move_back([add.path for add in staged.adds], held)
        self._opened = None  # what was read may be why the commit failed
        self.discard_staged()

    def _create(self, staged: Staged, properties: CommitProperties) -> None:
        from deltalake import Schema
        from deltalake.transaction import create_table_with_add_actions

        schema = Schema.from_arrow(staged.schema)
        self._folder.confirm()
        create_table_with_add_actions(
            *(self.uri, schema, staged.adds, "error"),
            storage_options=self._folder.options,
            configuration=TABLE_SETTINGS,
            commit_properties=properties,
        )

    def _add(self, table: DeltaTable, staged: Staged, positions: list[Position], properties: CommitProperties) -> None:
        # The table was opened before the look at what has landed: a commit in between makes this one fail, as both
        # carry the batch's position.
        landed = self._find_versions(table, positions)
        again = [position for position in positions if landed.get(position.id, -1) >= position.version]
        if again:
            raise LockedError(
                "another run has landed the same meanwhile",
                where=again[0].origin or again[0].id,
                do="run again; nothing lands twice",
            )
        self._folder.confirm()
        table.create_write_transaction(staged.adds, "append", table.schema(), commit_properties=properties)

    def _find_versions(self, table: DeltaTable, positions: list[Position]) -> dict[str, int]:
        """Position -> its committed version. A few are looked up one by one: the history grows with each commit."""
        if len(positions) > _FEW_POSITIONS:
            return {position.id: position.version for position in self.landings()}
        found = {position.id: table.transaction_version(position.id) for position in positions}
        return {id_: int(version) for id_, version in found.items() if version is not None}

    def _widen(self, schema: pa.Schema) -> None:
        # A commit of its own: an append does not merge schemas. If the run dies between the two, the table
        # has a column that is always NULL until the rows land again.
        import pyarrow as pa
        from deltalake import Schema

        self._check_types(schema)
        self._folder.confirm()
        coming = {fold_name(column.name): column.type for column in schema}
        held = {fold_name(column.name): column for column in self.schema()}
        wider = pa.schema([column.with_type(coming.get(key, column.type)) for key, column in held.items()])
        self._allow_local_times(schema)
        if wider.types != self.schema().types:
            self._rewrite(wider)
        if not TABLE_SETTINGS.items() <= self._open().metadata().configuration.items():
            self._open().alter.set_table_properties(TABLE_SETTINGS)  # which writing anew drops
        new = [column for column in schema if fold_name(column.name) not in held]
        if new:
            self._open().alter.add_columns(list(Schema.from_arrow(pa.schema(new)).fields))

    def _open_wide_enough(self, schema: pa.Schema) -> DeltaTable:
        """Open the table, widened if need be; most often it fits as it is and is opened once."""
        table = self._open()
        if self._fits(table, schema):
            return table
        self._widen(schema)
        return self._open()

    def _fits(self, table: DeltaTable, schema: pa.Schema) -> bool:
        """Whether the table has these columns and its settings already."""
        import pyarrow as pa

        held = {fold_name(column.name): column.type for column in pa.schema(table.schema().to_arrow())}
        has_columns = all(held.get(fold_name(column.name)) == column.type for column in schema)
        return has_columns and TABLE_SETTINGS.items() <= table.metadata().configuration.items()

    def _allow_local_times(self, schema: pa.Schema) -> None:
        """A table that is to get its first column of times without a zone must say so beforehand."""
        from deltalake import TableFeatures
        from pyarrow import types

        def has_local_times(columns: pa.Schema) -> bool:
            return any(types.is_timestamp(type_) and type_.tz is None for type_ in columns.types)

        if has_local_times(schema) and not has_local_times(self.schema()):
            self._open().alter.add_feature(
                TableFeatures.TimestampWithoutTimezone, allow_protocol_versions_increase=True
            )

    def _check_types(self, schema: pa.Schema) -> None:
        """Raises SourceError for a column whose type in the lake does not go together with the one it comes as."""
        held = {fold_name(column.name): column.type for column in self.schema()}
        for column in schema:
            type_ = held.get(fold_name(column.name), column.type)
            if find_common_type(type_, column.type) != column.type:
                what = f"column {column.name!r} is {column.type} here and {type_} in the lake"
                raise SourceError(what, where=str(self.path), do="deliver it with its earlier type")

    def _rewrite(self, schema: pa.Schema) -> None:
        """Every row again, in wider types, in one commit; readers have the old files until then."""
        from deltalake import Schema

        self.check_files()
        staged = staging.write(self._staging.with_name(f"{self._staging.name}.widened"), rewrite(self.files(), schema))
        try:
            self._move_in(staged)
            table = self._open()
            self._folder.confirm()
            table.create_write_transaction(staged.adds, "overwrite", Schema.from_arrow(schema))
        finally:
            self._move_back(staged)
            staging.clear(staged.folder)

    def discard_staged(self) -> None:
        """Remove what was staged and not committed."""
        staging.clear(self._staging)

    def discard_batches(self, batch_ids: Iterable[int]) -> None:
        """Delete the rows of these batches (rejected rows whose landing was never committed)."""
        unwanted = set(batch_ids)
        if not unwanted or not self.exists:
            return
        gone = sorted(batch for batch in unwanted if self._may_hold(batch))
        if gone:
            with self._folder.translate_errors():
                self._open_to_write().delete(f"_batch_id in ({', '.join(map(str, gone))})")

    def discard_rows(self, batch_id: int, source_files: Iterable[str]) -> None:
        """Delete the rows of these files in one batch (rejected rows that were read again since)."""
        names = ", ".join("'" + name.replace("'", "''") + "'" for name in source_files)
        if names and self.exists and self._may_hold(batch_id):
            with self._folder.translate_errors():
                self._open_to_write().delete(f"_batch_id = {batch_id} and _source_file in ({names})")

    def _may_hold(self, batch_id: int) -> bool:
        """Whether a file may have rows of a batch; merged files hold several."""
        return any(add["min._batch_id"] <= batch_id <= add["max._batch_id"] for add in self._adds())

    def find_small_files(self) -> list[Path]:
        """The files that `merge_small_files` would merge."""
        if not self.exists or not can_merge(self._open()):
            return []
        return [self.path.absolute() / unquote(add["path"]) for add in find_small_files(self._adds())]

    def find_unused_files(self, days: float) -> list[Path | StoredObject]:
        """Find data files that the table has not needed for so many days; see lake/vacuum.py."""
        with self._folder.translate_errors():
            return self._folder.find_unused_files(self._sizes(), days)

    def write_fence(self) -> None:
        """Write an entry into the log that changes nothing, against a writer that has lost its lease."""
        if not self.exists:
            return
        from patron.lake.bucket_folder import write_fence

        with self._folder.translate_errors():
            while not write_fence(self._folder, self.version(), self.content_id()):
                self._opened = None

    def merge_small_files(self) -> int:
        """Write the rows of small files into few large ones, in one commit; gives how many files became part of those.

        Rows, positions, landings and `content_id` stay. The merged files stay on the disk until they are vacuumed, for
        readers that know them by name. Raises EngineError (disk full, a damaged file), LockedError.
        """
        with self._folder.translate_errors():
            merged = find_small_files(self._adds()) if self.find_small_files() else []
            if merged:
                self._merge(merged)
                checkpoint(self._open(), self._folder)
        return len(merged)

    def _merge(self, merged: list[dict[str, Any]]) -> None:
        version, content_id = self.version(), self.content_id()
        sizes = {unquote(add["path"]): add["size_bytes"] for add in merged}
        self._folder.check_files(sizes)
        paths = [self.path.absolute() / name for name in sizes]
        staged = staging.write(self._staging.with_name(f"{self._staging.name}.merged"), rewrite(paths, self.schema()))
        try:
            refuse_lost_rows(self.uri, sum(add["num_records"] for add in merged), staged.rows)
            self._move_in(staged)
            self._folder.confirm()
            self._folder.write_entry(version + 1, write_merge(merged, staged.adds, content_id))
        finally:
            self._move_back(staged)
            staging.clear(staged.folder)

    def find_landed(self, position_ids: Iterable[str]) -> set[str]:
        """Which of these (file content hashes) are committed."""
        wanted = set(position_ids)
        if not self.exists or not wanted:
            return set()
        known = wanted & {position.id for position in self.landings()}
        if not self._has_full_log():
            # Another tool has cleaned the log. The table's state still has every position, one slow look-up
            # each (0.3 ms, 18 ms once it holds 100,000), which is why the history is read first.
            table = self._open()
            known |= {id_ for id_ in wanted - known if table.transaction_version(id_) is not None}
        return known

    def position(self, position_id: str) -> int | None:
        """The version that was committed last for this position (an offset, a cursor), or None."""
        version = self._read().transaction_version(position_id) if self.exists else None
        return None if version is None else int(version)

    def landings(self) -> list[LandedPosition]:
        """The history, oldest first: one entry a landed file (or topic-partition, or table).

        Raises EngineError where a newer version of patron landed rows.
        """
        history = self._history()
        for commit in history:
            refuse_newer(commit.get("patron", {}), self.path)
        return [
            LandedPosition(**position, batch_id=commit["patron"]["batch_id"], landed_at=_time(commit["timestamp"]))
            for commit in reversed(history)
            if "patron" in commit
            for position in commit["patron"]["positions"]
        ]

    def source_key(self) -> list[str]:
        """The columns that tell rows apart, as the latest landing of a table of a database knew them; else none."""
        return list(self.landings()[-1].key) if self.exists and self.landings() else []

    def batch_ids(self) -> set[int]:
        """Every batch id that was committed here."""
        return {commit["patron"]["batch_id"] for commit in self._history() if "patron" in commit}

    def schema(self) -> pa.Schema:
        """Columns and types as pyarrow has them; field metadata HEADER_KEY holds the header's own text."""
        import pyarrow as pa

        return pa.schema(self._read().schema().to_arrow())

    def headers(self) -> dict[str, str]:
        """{column as the source writes it: column in the table}, technical columns left out."""
        own = [column for column in self.schema() if column.name not in TECHNICAL_COLUMNS]
        return {_header(column): column.name for column in own}

    def version(self) -> int:
        """The Delta version; it grows with each commit."""
        return int(self._read().version())

    def latest_entry(self) -> str:
        """The name of the log's latest entry."""
        return self._folder.find_log_state()[0]

    def id(self) -> str:
        """Delta's id of the table; another one where the table was made anew."""
        return str(self._read().metadata().id)

    def content_id(self) -> str:
        """Names what the table holds now: another log at the same version, after damage, is another content.

        Merging files changes no row, and so not the name.
        """
        latest: dict[str, Any] = next(iter(self._read().history(1)), {})  # none where the log's last entry was lost
        if COMPACTION in latest:
            return str(latest[COMPACTION]["content_id"])
        names = "\n".join(sorted(self._sizes()))
        return f"{self.version()}-{hashlib.sha256(names.encode()).hexdigest()}"

    def files(self) -> list[Path]:
        """The data files that make up the table now. Their columns differ where columns came later."""
        with self._folder.translate_errors():
            return self._folder.fetch(self._sizes())

    def row_count(self) -> int:
        """From the log's statistics, without reading a data file."""
        return sum(add["num_records"] for add in self._adds())

    def check_files(self) -> None:
        """See that every data file is there and as it was written. Raises EngineError naming the first that is not."""
        with self._folder.translate_errors():
            self._folder.check_files(self._sizes())

    def _sizes(self) -> dict[str, int]:
        """Each data file's name and bytes."""
        return {unquote(add["path"]): add["size_bytes"] for add in self._adds()}

    def _adds(self) -> list[dict[str, Any]]:
        return list_added_files(self._read())

    def _history(self) -> list[dict[str, Any]]:
        with self._folder.translate_errors():
            return read_history(self.path, self._read()) if self.exists else []

    def _has_full_log(self) -> bool:
        return self._folder.has_first_entry()

    def _read(self) -> DeltaTable:
        """Open the table for reading: again only when its log has another entry, since a run asks a hundred times."""
        log = self._folder.find_log_state() if self.exists else ("", 0)
        if self._opened is None or self._opened[0] != log:
            self._opened = log, self._open()
        return self._opened[1]

    def _open(self) -> DeltaTable:
        from deltalake import DeltaTable

        if not self.exists:
            raise NothingBuiltError("nothing has landed here yet", where=self.uri, do="run `patron run`")
        with self._folder.translate_errors():
            return DeltaTable(self.uri, storage_options=self._folder.options)

    def _open_to_write(self) -> DeltaTable:
        """Open the table, and only then see that this run may write: who commits in between makes this one fail."""
        table = self._open()
        self._folder.confirm()
        return table


def _header(column: pa.Field) -> str:
    written = (column.metadata or {}).get(HEADER_KEY.encode())
    return written.decode() if written is not None else str(column.name)


def _time(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
