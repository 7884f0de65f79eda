"""Land new files in bronze: each once, completely or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from patron.ingest.column_names import check_required, find_missing_columns
from patron.ingest.files.content_hash import Fingerprint, hash_files
from patron.ingest.files.find_files import match_files
from patron.ingest.files.grown_files import find_grown
from patron.ingest.files.known_objects import KnownObjects
from patron.ingest.files.text_stream import is_compressed
from patron.ingest.source import FileSource, Landing, OnProgress
from patron.lake import BronzeTable, Lake, Position, Staged, list_landed_files

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.ingest.files.reader import ReadableFile
    from patron.ingest.files.rejected_rows import Rejects
    from patron.storage.address import Address

__all__ = ["FileSource", "Landing", "land_files"]

COMMIT_BYTES = 2 * 2**30
"""More input than this is landed in several commits, so that an interrupted run keeps what it did."""


def land_files(
    lake: Lake, source: FileSource, *, root: Path | Address, on_progress: OnProgress | None = None
) -> Landing:
    """Land the files that match and have not landed yet, under whatever name.

    root: the folder, or the address, that patterns and `_source_file` start from.
    on_progress: called with the number of rows so far.
    Raises SourceError before anything lands if a file has the wrong format or lacks a required column;
    EngineError if the disk is full or the lake damaged; LockedError if another process lands here too.
    """
    table, known = lake.table(source.name), KnownObjects(lake, source.name)
    found = hash_files(match_files(source.patterns, root, _prepare_downloads(lake, source)), known.hashes)
    known.save(found)
    landing = Landing(source.name, files_matched=len(found))
    if not found:
        landing.warnings.append(f"{source.name}: no file matches {', '.join(source.patterns)}")
    new = _find_new(table, found, landing)
    if new and not source.newest_counts:
        new = _leave_out_what_landed(table, found, new, landing)
    if new:
        _FileLander(lake, source, landing, on_progress).land(new)
    shutil.rmtree(_place_downloads(lake, source), ignore_errors=True)
    return landing


def _place_downloads(lake: Lake, source: FileSource) -> Path:
    return lake.root / "_staging" / f"{source.name}.objects"


def _prepare_downloads(lake: Lake, source: FileSource) -> Path:
    """Drop what a run that was killed has downloaded."""
    shutil.rmtree(_place_downloads(lake, source), ignore_errors=True)
    return _place_downloads(lake, source)


def _find_new(table: BronzeTable, found: list[Fingerprint], landing: Landing) -> list[Fingerprint]:
    landed = table.find_landed(file.content_hash for file in found)
    first: dict[str, Fingerprint] = {}
    for file in found:
        if file.content_hash in landed:
            landing.files_already_landed += 1
        elif file is not first.setdefault(file.content_hash, file):
            landing.files_already_landed += 1
            same = first[file.content_hash].file.display_name
            landing.warnings.append(f"{file.file.display_name}: same content as {same}; landed once")
    return list(first.values())


def _leave_out_what_landed(
    table: BronzeTable, found: list[Fingerprint], new: list[Fingerprint], landing: Landing
) -> list[Fingerprint]:
    """Let only the rest land of files that begin with one that landed, since no key tells their rows apart."""
    unknown = {file.content_hash for file in new}
    marked = [replace(file, is_landed=file.content_hash not in unknown) for file in found]
    grown = find_grown(marked, new, list_landed_files(table) if table.exists else [])
    landing.warnings += [each.remark for each in grown if each.remark]
    landing.files_already_landed += sum(each.within is not None for each in grown)
    return [each.file for each in grown if each.within is None]


class _FileLander:
    def __init__(self, lake: Lake, source: FileSource, landing: Landing, on_progress: OnProgress | None) -> None:
        self.lake, self.source, self.landing = lake, source, landing
        self.on_progress = on_progress or (lambda _rows: None)
        self.table, self.rejected = lake.table(source.name), lake.rejected(source.name)

    def land(self, new: list[Fingerprint]) -> None:
        from patron.ingest.bronze_rows import find_common_columns
        from patron.ingest.files.reader import describe_columns

        files = self._open(new)
        columns = find_common_columns(map(describe_columns, files), self.table.schema() if self.table.exists else None)
        if self.table.exists and not self.source.newest_counts:
            from patron.ingest.files.replaced_files import refuse_replaced

            refuse_replaced(self.table, list_landed_files(self.table), files)
        self.landing.warnings += [f"{self.source.name}: {change}" for change in columns.drift]
        self.landing.warnings += self._describe_missing_columns(files)
        # A landing killed between its two commits left rejected rows of a batch that never reached bronze.
        self.rejected.discard_batches(self.rejected.batch_ids() - self.table.batch_ids())
        for part in _parts(files):
            self._land_part(part, columns.schema)

    def _open(self, new: list[Fingerprint]) -> list[ReadableFile]:
        from patron.ingest.files.formats import FormatOpener
        from patron.ingest.files.reader import list_original_names

        opener = FormatOpener(self.source)
        files = [opener.open(fingerprint) for fingerprint in new]
        for file in files:
            if file.columns.names:
                header = list_original_names(file.columns)
                check_required(self.source.required_columns, header, file.fingerprint.file.display_name)
        return files

    def _describe_missing_columns(self, files: list[ReadableFile]) -> list[str]:
        """Describe missing optional columns, one line each; otherwise a misspelt one would silently stay NULL."""
        from patron.ingest.files.reader import list_original_names

        without: dict[str, list[str]] = {}
        for file in files:
            if file.columns.names:
                for name in find_missing_columns(self.source.optional_columns, list_original_names(file.columns)):
                    without.setdefault(name, []).append(file.fingerprint.file.display_name)
        return [
            f"{self.source.name}: {_count_rows(names)} no column {name!r} (optional); it is NULL there"
            for name, names in without.items()
        ]

    def _land_part(self, files: list[ReadableFile], columns: pa.Schema) -> None:
        """Commit rejected rows first, so that no file counts as landed while part of it is missing."""
        from patron.ingest.files.rejected_rows import Rejects

        batch_id, now = self.lake.next_batch_id(), datetime.now(UTC)
        spill = self.lake.root / "_staging" / f"{self.source.name}.rejected.arrow"
        with Rejects(spill, batch_id, now) as rejects:
            staged, positions = self._stage(files, columns, batch_id, now, rejects)
            if rejects.rows:
                self.rejected.append(rejects.reader(), positions=_list_rejected(positions, batch_id), batch_id=batch_id)
            self.table.commit(staged, positions=positions, batch_id=batch_id)
        self._count(positions, batch_id)

    def _stage(
        self, files: list[ReadableFile], columns: pa.Schema, batch_id: int, now: datetime, rejects: Rejects
    ) -> tuple[Staged, list[Position]]:
        import pyarrow as pa

        from patron.ingest.bronze_rows import Stamp
        from patron.ingest.files.composed_text import compose

        stamp = Stamp(columns, batch_id, now)
        positions: list[Position] = []

        def rows() -> Iterator[pa.RecordBatch]:
            for file in files:
                display_name, before = file.fingerprint.file.display_name, (stamp.rows, rejects.rows)
                for batch in file.batches(rejects):
                    yield stamp.stamp(compose(batch), display_name)
                    self.on_progress(self.landing.rows + stamp.rows)
                file.fingerprint.check_unchanged()
                self.landing.warnings += [f"{display_name}: {remark}" for remark in file.remarks]
                counts = stamp.rows - before[0], rejects.rows - before[1]
                size = 0 if is_compressed(file.fingerprint.file.path) else file.fingerprint.size
                positions.append(Position(file.fingerprint.content_hash, 1, display_name, *counts, size=size))

        return self.table.stage(pa.RecordBatchReader.from_batches(stamp.schema, rows())), positions

    def _count(self, positions: list[Position], batch_id: int) -> None:
        landing = self.landing
        landing.files_landed += len(positions)
        landing.rows += sum(position.rows for position in positions)
        landing.rejected_rows += sum(position.rejected_rows for position in positions)
        landing.batch_ids.append(batch_id)
        landing.warnings += [warning for position in positions if (warning := _warn(position))]


def _count_rows(names: list[str]) -> str:
    more = f" and {len(names) - 1:,} more files have" if len(names) > 1 else " has"
    return f"{names[0]}{more}"


def _list_rejected(positions: list[Position], batch_id: int) -> list[Position]:
    """The same for the rejected rows' table, where a landing that died may have left the file before."""
    return [
        replace(position, id=f"{position.id}@{batch_id}", rows=position.rejected_rows, rejected_rows=0)
        for position in positions
        if position.rejected_rows
    ]


def _warn(position: Position) -> str | None:
    if not position.rows and not position.rejected_rows:
        return f"{position.origin}: the file has no rows"
    if position.rejected_rows:
        rows = position.rows + position.rejected_rows
        return f"{position.origin}: {position.rejected_rows:,} of {rows:,} rows could not be read and were rejected"
    return None


def _parts(files: list[ReadableFile]) -> Iterator[list[ReadableFile]]:
    part: list[ReadableFile] = []
    size = 0
    for file in files:
        if part and size + file.fingerprint.size > COMMIT_BYTES:
            yield part
            part, size = [], 0
        part.append(file)
        size += file.fingerprint.size
    if part:
        yield part
