"""Delimited text: every value stays text; an empty value without quotes is NULL.

Read by pyarrow in blocks of 8 MB which csv_records has cut at row ends. On 10 million lines DuckDB's reader
gave Arrow batches at 1.9 million rows a second (3.3 with a larger buffer) and pyarrow at 4.6. The cut is what
makes it exact: rows that do not fit the grammar never reach the reader, and each is accounted for with its line.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import repeat

import pyarrow as pa
import pyarrow.csv as pacsv

from patron.errors import EngineError, SourceError
from patron.ingest.files.content_hash import Fingerprint
from patron.ingest.files.csv_dialect import (
    BLANK_LINES,
    SEPARATOR_LINE,
    Dialect,
    drop_blank_lines,
    parse_rows,
    sniff,
    unwrap_header,
)
from patron.ingest.files.csv_records import Cut, Records, count_lines
from patron.ingest.files.reader import make_fields
from patron.ingest.files.rejected_rows import CUT_SHORT, Rejects, Run
from patron.ingest.files.text_stream import BLOCK_BYTES, HEAD_BYTES, TextStream
from patron.ingest.source import FileSource

_NO_ROWS = re.compile(rf"{BLANK_LINES.pattern}(?:{SEPARATOR_LINE.pattern}{BLANK_LINES.pattern})?".encode())


class CsvFile:
    """A delimited file whose dialect and columns are known."""

    def __init__(
        self, fingerprint: Fingerprint, dialect: Dialect, columns: pa.Schema, encoding: str, header_bytes: int
    ) -> None:
        self.fingerprint, self.dialect, self.columns = fingerprint, dialect, columns
        self._encoding, self._header_bytes = encoding, header_bytes
        self.remarks: tuple[str, ...] = ()

    def open_text(self) -> TextStream:
        """Open the file's text in the encoding detected from its first block."""
        file = self.fingerprint.file
        return TextStream(file.path, file.display_name, self._encoding)

    def batches(self, rejects: Rejects) -> Iterator[pa.RecordBatch]:
        """Yield rows as text. Raises SourceError if a later part of the file cannot be read."""
        if not self.columns.names:
            return
        with self.open_text() as text:
            yield from self._batches(text, rejects)
            if text.utf8_lines:
                mixed = f"{text.utf8_lines:,} lines are UTF-8, others Windows-1252; each was read as what it is"
                self.remarks = (mixed,)

    def reread_lines(self, runs: Iterable[Run], rejects: Rejects) -> Iterator[pa.RecordBatch]:
        """Yield the rows of some lines only. No row crosses the end of a run, since what follows has landed."""
        records = Records(self.dialect, len(self.columns))
        rows, size, rest, line = list[bytes](), 0, b"", 0
        for run in runs:
            line = line if rest else run.line
            block = rest + run.text + (b"\n" if run.ends_inside_row else b"")
            cut = records.cut_carefully(block, last=not run.goes_on)
            for broken in cut.broken:
                cut_short = CUT_SHORT if run.ends_inside_row and broken is cut.broken[-1] else ""
                rejects.add(run.display_name, line + broken.line, broken.reason + cut_short, broken.raw)
            rest, line = block[cut.used :], line + count_lines(block, cut.used)
            rows.append(bytes(cut.rows))
            size += len(cut.rows)
            if size > BLOCK_BYTES:
                yield from self._parse(Cut(b"".join(rows), size))
                rows, size = [], 0
        yield from self._parse(Cut(b"".join(rows), size))

    def _batches(self, text: TextStream, rejects: Rejects) -> Iterator[pa.RecordBatch]:
        records = Records(self.dialect, len(self.columns))
        line = 1 + text.skip(self.fingerprint.start)
        block, last = text.read_full()
        if not self.fingerprint.start:
            line += count_lines(block, self._header_bytes)
            block = block[self._header_bytes :]
        while True:
            ends_in_row = last and bool(block) and not block.endswith(b"\n")
            block += b"\n" if ends_in_row else b""
            rows, cut = self._read(records, block, last)
            last_line = count_lines(block, len(block)) - 1 if ends_in_row and cut.broken else None
            for broken in cut.broken:
                cut_short = CUT_SHORT if broken.line == last_line else ""
                rejects.add(text.display_name, line + broken.line, broken.reason + cut_short, broken.raw)
            yield from rows
            if last:
                return
            line += count_lines(block, cut.used)
            more, last = text.read_full()
            if cut.used == len(block) and cut.broken and not block.endswith(b"\n"):
                more, last = _skip_line(text, more, last)  # its beginning was too long, and is rejected
                line += 1
            block = block[cut.used :] + more

    def _read(self, records: Records, block: bytes, last: bool) -> tuple[list[pa.RecordBatch], Cut]:
        cut = records.cut_quickly(block)
        if cut is not None and (not last or cut.used == len(block)):
            try:
                return self._parse(cut), cut
            except pa.ArrowInvalid:  # a row too wide or narrow, or not UTF-8: find out which
                pass
        cut = records.cut_carefully(block, last=last)
        try:
            return self._parse(cut), cut
        except pa.ArrowInvalid as error:
            display_name = self.fingerprint.file.display_name
            what = f"the CSV reader failed on complete rows: {error}"
            raise EngineError(what, where=display_name, do="report it as a bug, with the file if you can") from error

    def _parse(self, cut: Cut) -> list[pa.RecordBatch]:
        if not len(cut.rows):
            return []
        # The file's own byte order mark is already removed. This one is data, and pyarrow would drop it.
        rows = b"\n" + bytes(cut.rows) if cut.rows[:3] == codecs.BOM_UTF8 else cut.rows
        names, dialect = self.columns.names, self.dialect
        table = pacsv.read_csv(
            pa.BufferReader(rows),
            read_options=pacsv.ReadOptions(column_names=names, block_size=len(rows) + 1),
            parse_options=pacsv.ParseOptions(
                delimiter=dialect.delimiter,
                quote_char=dialect.quote or False,
                escape_char=dialect.escape or False,
                newlines_in_values=True,
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
        return table.to_batches()  # type: ignore[no-any-return]


def _skip_line(text: TextStream, block: bytes, last: bool) -> tuple[bytes, bool]:
    """Return what follows the end of the line in which a block begins."""
    while b"\n" not in block and not last:
        block, last = text.read_full()
    return (block.partition(b"\n")[2], last)


class CsvOpener:
    """Opens the delimited files of one source; files with the same first line share a delimiter."""

    def __init__(self, source: FileSource) -> None:
        self._source = source
        self._delimiters: dict[tuple[str, str], str] = {}

    def open(self, fingerprint: Fingerprint, suffix: str) -> CsvFile:
        """Detect dialect and columns. Raises SourceError if the file is not text, SettingsError for bad settings."""
        file = fingerprint.file
        with TextStream(file.path, file.display_name, self._source.encoding) as text:
            block, is_last = text.read_full(HEAD_BYTES)
            encoding = "auto" if text.encoding == "ascii" else text.encoding
        head = block if is_last else block[: block.rfind(b"\n") + 1]
        if not is_last and len(_match_no_rows(head)) == len(head):
            what = f"the first line is longer than {HEAD_BYTES // 1024} KB: no names of columns"
            raise SourceError(what, where=file.display_name, do="see whether the file has line ends")
        dialect = self._guess_dialect(head.decode("utf-8", "replace"), suffix)
        try:
            header, size = self._read_header(head, dialect)
        except csv.Error as error:
            what = f"the first row cannot be read: {error}"
            raise SourceError(what, where=file.display_name, do="mend it, or deliver the file again") from error
        if header and self._source.escape == "auto":
            dialect = _with_escape(head[size:], dialect, len(header))
        return CsvFile(fingerprint, dialect, make_fields(header, repeat(pa.string(), len(header))), encoding, size)

    def _guess_dialect(self, head: str, suffix: str) -> Dialect:
        first_line = drop_blank_lines(head).partition("\n")[0]
        delimiter = self._delimiters.get((first_line, suffix), self._source.delimiter)
        dialect = sniff(head, replace(self._source, delimiter=delimiter), suffix)
        self._delimiters[first_line, suffix] = dialect.delimiter
        return dialect

    def _read_header(self, head: bytes, dialect: Dialect) -> tuple[list[str], int]:
        """Return the column names and the number of bytes before the first row."""
        rows = Records(dialect, 1)
        start = len(_match_no_rows(head))
        first = rows.find_row_end(head, start)
        if rows.has_stray_return(head[start:first]):
            raise csv.Error("carriage returns stand in it, and may end rows; write all line ends alike")
        cells = _parse_cells(head[start:first], dialect)
        if not cells and first > start:
            raise csv.Error("it has no values, and rows may follow")
        if not self._source.has_header:
            return list(self._source.columns or [""] * len(cells)), start
        inner = unwrap_header(cells, dialect)
        width = len(_parse_cells(head[first : rows.find_row_end(head, first)], dialect))
        if len(inner) != width and width:
            inner = cells
        return list(self._source.columns or inner) if cells else [], first


def _match_no_rows(head: bytes) -> bytes:
    found = _NO_ROWS.match(head)
    return found[0] if found else b""


def _parse_cells(row: bytes, dialect: Dialect) -> list[str]:
    rows = parse_rows(row.decode("utf-8", "replace"), dialect)
    return rows[0] if rows else []


def _with_escape(head: bytes, dialect: Dialect, width: int) -> Dialect:
    """Choose a backslash as the escape character if fewer rows break than with doubled quotes."""
    if not dialect.quote or f"\\{dialect.quote}".encode() not in head:
        return dialect
    escaping = replace(dialect, escape="\\")
    return min(dialect, escaping, key=lambda way: len(Records(way, width).cut_carefully(head, last=False).broken))
