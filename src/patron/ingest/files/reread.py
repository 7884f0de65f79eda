"""Read rejected rows again from their file with the current settings of the source.

Where the file is still there, known by its content, its lines are complete; the lake keeps of them only what could
be written as text, and no header. Rows that can be read now go to bronze, the others are rejected again, in a batch
of its own that supersedes the one before. Rejected rows are committed first; the commit to bronze holds the
position that makes it count. So a process that is killed in between, or a second attempt, adds nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from patron.errors import PatronError, SourceError
from patron.ingest.bronze_rows import Stamp, find_common_columns
from patron.ingest.column_names import check_required
from patron.ingest.files.composed_text import compose
from patron.ingest.files.content_hash import Fingerprint, hash_files
from patron.ingest.files.csv_file import CsvFile
from patron.ingest.files.find_files import match_files
from patron.ingest.files.formats import FormatOpener
from patron.ingest.files.known_objects import KnownObjects
from patron.ingest.files.reader import describe_columns, list_original_names
from patron.ingest.files.rejected_rows import RAW_LIMIT, Rejects, Run
from patron.ingest.files.text_stream import BLOCK_BYTES
from patron.ingest.source import FileSource, Reread
from patron.lake import ROWS_PER_BATCH, BronzeTable, Lake, LandedFile, Position, list_landed_files
from patron.lake.offsets import AGAIN
from patron.storage.address import Address

_LINES_HELD = 10_000
_KEYS_OF_REPLAYS = ROWS_PER_BATCH // 2
"""Rows read again take keys of the landing that brought them, behind those of its other rows: a later landing's
row of the same thing stays the newer one."""


def reread_rejected(lake: Lake, source: FileSource, *, root: Path | Address) -> Reread:
    """Read the source's rejected rows again and land those that can now be read.

    Raises EngineError if the disk is full or the lake damaged, LockedError if another process lands here.
    A file that is missing, was changed, or is refused by the settings is reported, and its rows stay as they are.
    """
    return _Reader(lake, source).read(root)


def discard_superseded(table: BronzeTable, rejected: BronzeTable) -> None:
    """Delete rejected rows that no longer count, left by a process that was killed."""
    rejected.discard_batches(rejected.batch_ids() - table.batch_ids())
    old: dict[int, list[str]] = {}
    for file in list_landed_files(table):
        for batch_id in file.superseded_batch_ids:
            old.setdefault(batch_id, []).append(file.origin)
    for batch_id, names in old.items():
        rejected.discard_rows(batch_id, names)


@dataclass(frozen=True)
class _OpenFile:
    landed: LandedFile
    file: CsvFile


class _Reader:
    def __init__(self, lake: Lake, source: FileSource) -> None:
        self.lake, self.source = lake, source
        self.table, self.rejected = lake.table(source.name), lake.rejected(source.name)
        self.done = Reread(source.name)

    def read(self, root: Path | Address) -> Reread:
        if not self.table.exists or not self.rejected.exists:
            return self.done
        discard_superseded(self.table, self.rejected)
        landed = list_landed_files(self.table)
        bad = [file for file in landed if file.rejected_rows]
        self.done.rows_before = self.done.rows_rejected = sum(file.rejected_rows for file in bad)
        if files := self._open_all(bad, root) if bad else []:
            self._read_files(files, landed)
        return self.done

    def _open_all(self, bad: list[LandedFile], root: Path | Address) -> list[_OpenFile]:
        hashes = KnownObjects(self.lake, self.source.name).hashes
        found = {file.content_hash: file for file in hash_files(match_files(self.source.patterns, root), hashes)}
        opener = FormatOpener(self.source)
        opened = []
        for landed in bad:
            try:
                opened.append(_OpenFile(landed, self._open(opener, found.get(landed.content_hash))))
            except PatronError as error:
                self.done.out_of_reach.append((landed.origin, landed.rejected_rows, error.what))
        return opened

    def _open(self, opener: FormatOpener, present: Fingerprint | None) -> CsvFile:
        if present is None:
            raise SourceError(
                "the file was deleted or changed; restore it, under any name that the source's patterns match"
            )
        file = opener.open(present)
        if not isinstance(file, CsvFile):
            raise SourceError("no setting changes how such a file is read; deliver the corrected rows in a new file")
        check_required(self.source.required_columns, list_original_names(file.columns), present.file.display_name)
        find_common_columns([describe_columns(file)], self.table.schema())
        return file

    def _read_files(self, files: list[_OpenFile], landed: list[LandedFile]) -> None:
        batch_id, now = self.lake.next_batch_id(), datetime.now(UTC)
        columns = find_common_columns([describe_columns(each.file) for each in files], self.table.schema()).schema
        stamp, positions = Stamp(columns, batch_id, now), list[Position]()
        spill = self.lake.root / "_staging" / f"{self.source.name}.rejected.arrow"
        with Rejects(spill, batch_id, now) as rejects:
            rows = self._rows(files, _next_keys(landed), stamp, rejects, positions)
            staged = self.table.stage(pa.RecordBatchReader.from_batches(stamp.schema, rows))
            self._count(files, staged.rows, rejects)
            if not staged.rows:
                self.table.discard_staged()
                return
            if rejects.rows:
                self.rejected.append(
                    rejects.reader(), positions=_list_rejected(files, positions, batch_id), batch_id=batch_id
                )
            self.table.commit(staged, positions=positions, batch_id=batch_id)
        self.done.batch_id = batch_id
        discard_superseded(self.table, self.rejected)

    def _rows(
        self,
        files: list[_OpenFile],
        next_keys: dict[int, int],
        stamp: Stamp,
        rejects: Rejects,
        positions: list[Position],
    ) -> Iterator[pa.RecordBatch]:
        for each in files:
            landed, before = each.landed, (stamp.rows, rejects.rows)
            for batch in each.file.reread_lines(self._find_runs(each, rejects), rejects):
                key = next_keys[landed.batch_id]
                next_keys[landed.batch_id] = key + batch.num_rows
                yield stamp.stamp(compose(batch), landed.origin, key)
            each.file.fingerprint.check_unchanged()
            read, bad = stamp.rows - before[0], rejects.rows - before[1]
            change = bad - landed.rejected_rows
            times = len(landed.replays) + 1
            positions.append(Position(landed.content_hash + AGAIN, times, landed.origin, read, change))

    def _find_runs(self, each: _OpenFile, rejects: Rejects) -> Iterator[Run]:
        """Yield the file's rejected lines unchanged; a line not found there stays rejected as it was."""
        for row in _read_rejected_lines(self.rejected, each.landed):
            if row.is_cut:
                rejects.add(each.landed.origin, row.line, row.reason, row.raw)
        uncut = (row for row in _read_rejected_lines(self.rejected, each.landed) if not row.is_cut)
        yield from _group_into_runs(each, uncut, rejects)

    def _count(self, files: list[_OpenFile], rows: int, rejects: Rejects) -> None:
        tried = sum(each.landed.rejected_rows for each in files)
        self.done.rows_read = rows
        self.done.rows_rejected = self.done.rows_before - tried + rejects.rows
        self.done.reasons = rejects.reasons


@dataclass(frozen=True)
class _RejectedLine:
    line: int
    reason: str
    raw: bytes

    @property
    def is_cut(self) -> bool:
        """True if the row is longer than what is kept, so that its end is unknown."""
        return len(self.raw) >= RAW_LIMIT

    @property
    def lines(self) -> int:
        return self.raw.count(b"\n") + 1


def _read_rejected_lines(rejected: BronzeTable, landed: LandedFile) -> Iterator[_RejectedLine]:
    """Yield the file's rejected rows that still count, by line; few at a time as Python objects."""
    import pyarrow.dataset as ds

    of_file = (ds.field("_batch_id") == landed.rejected_batch_id) & (ds.field("_source_file") == landed.origin)
    rows = ds.dataset([str(path) for path in rejected.files()]).to_table(["line", "reason", "raw"], filter=of_file)
    for batch in rows.sort_by("line").to_batches(_LINES_HELD):
        for row in batch.to_pylist():
            yield _RejectedLine(row["line"], row["reason"], row["raw"].encode())


def _group_into_runs(each: _OpenFile, wanted: Iterable[_RejectedLine], rejects: Rejects) -> Iterator[Run]:
    origin, first, next_line, size, parts = each.landed.origin, 0, 0, 0, list[bytes]()
    for row, text in _find_texts(each.file, wanted):
        if not _is_same_line(row.raw, text):
            rejects.add(origin, row.line, row.reason, row.raw)
            continue
        if row.line != next_line or size > BLOCK_BYTES:
            yield Run(origin, first, b"".join(parts), goes_on=row.line == next_line)
            first, size, parts = row.line, 0, []
        parts.append(text)
        size += len(text)
        next_line = row.line + row.lines
    yield Run(origin, first, b"".join(parts), ends_inside_row=bool(parts) and not parts[-1].endswith(b"\n"))


def _find_texts(file: CsvFile, wanted: Iterable[_RejectedLine]) -> Iterator[tuple[_RejectedLine, bytes]]:
    """Yield each rejected row with its lines in the file, in file order."""
    lines = _number_lines(file)
    number, line = next(lines, (0, b""))
    for row in wanted:
        while number and number < row.line:
            number, line = next(lines, (0, b""))
        text = b""
        while number and number < row.line + row.lines:
            text += line
            number, line = next(lines, (0, b""))
        yield row, text


def _number_lines(file: CsvFile) -> Iterator[tuple[int, bytes]]:
    number, rest, last = 1, b"", False
    with file.open_text() as text:
        while not last:
            block, last = text.read_full()
            lines = _split_lines(rest + block)
            rest = b"" if last or not lines or lines[-1].endswith(b"\n") else lines.pop()
            yield from enumerate(lines, start=number)
            number += len(lines)


def _split_lines(block: bytes) -> list[bytes]:
    r"""Split into lines with their ends; only \n ends a line, as when they were counted."""
    *lines, rest = block.split(b"\n")
    return [*(line + b"\n" for line in lines), *([rest] if rest else [])]


def _is_same_line(kept: bytes, text: bytes) -> bool:
    """Tell whether the file's line is the rejected one, comparing plain letters only: codecs may differ."""
    return _keep_plain(kept) == _keep_plain(text)


def _keep_plain(text: bytes) -> bytes:
    return re.sub(rb"\\x[0-9a-f]{2}|[^!-~]", b"", text)


def _next_keys(landed: Iterable[LandedFile]) -> dict[int, int]:
    """Map each landing to the key of its next row that is read again."""
    keys: dict[int, int] = {}
    for file in landed:
        first = file.batch_id * ROWS_PER_BATCH + _KEYS_OF_REPLAYS
        keys[file.batch_id] = keys.get(file.batch_id, first) + file.rows_read_again
    return keys


def _list_rejected(files: list[_OpenFile], positions: list[Position], batch_id: int) -> list[Position]:
    return [
        Position(f"{each.landed.content_hash}@{batch_id}", 1, each.landed.origin, bad)
        for each, position in zip(files, positions, strict=True)
        if (bad := each.landed.rejected_rows + position.rejected_rows)
    ]
