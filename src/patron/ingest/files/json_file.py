"""JSON: one object a line, or documents over any number of lines. Each record is a row, each of its keys a text column.

Strings come without quotes, other values as their JSON text, null as NULL. Numbers pass through DuckDB's JSON
reader, which writes the shortest text of the same double (1.10 becomes 1.1, and 1.0 becomes 1) and keeps integers of
any size.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import repeat
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from patron.errors import SourceError
from patron.ingest.files.content_hash import Fingerprint
from patron.ingest.files.json_layout import Layout, find_layout
from patron.ingest.files.json_records import BrokenDocumentError, Record, RecordCutter
from patron.ingest.files.reader import list_original_names, make_fields
from patron.ingest.files.rejected_rows import Rejects
from patron.ingest.files.text_stream import TextStream
from patron.ingest.source import FileSource

if TYPE_CHECKING:
    import duckdb

LONGEST_RECORD_BYTES = 64 * 2**20
_ROWS_PER_THREAD = 2048

_KEYS = """
    select keys from (select number, try(json_keys(record)) as keys from records)
    where keys is not null group by keys order by min(number)
"""
_VALUES = "select try(json_extract_string(record, $paths)) as found from records order by number"
_IS_DOUBLE = "select try(json_type(record, $path)) = 'DOUBLE' as is_double from records order by number"
_REPEATS = """
    select number from (select number, try(json_keys(record)) as keys from records)
    where len(keys) <> len(list_distinct(keys)) order by number
"""
# Asked only of records where every value is NULL. An object without keys has nothing to land.
_FAULTS = """
    select number, case when json_valid(record) then 'not a JSON object with keys' else 'not valid JSON' end
    from records where coalesce(len(try(json_keys(record))), 0) = 0 order by number
"""


class JsonFile:
    """A file of JSON records whose keys are known."""

    remarks: tuple[str, ...] = ()

    def __init__(self, fingerprint: Fingerprint, source: FileSource) -> None:
        """Read the whole file once to find its keys. Raises SourceError if it cannot tell what the records are."""
        self.fingerprint, self._encoding = fingerprint, source.encoding
        self._layout = find_layout(self._blocks, source, fingerprint.file.display_name)
        keys: dict[str, None] = {}
        self._has_repeats = False
        for records in self._records():
            for (found,) in _engine([text for _, text in records]).execute(_KEYS).fetchall():
                keys.update(dict.fromkeys(found))
                self._has_repeats |= len(set(found)) < len(found)
        self.columns = make_fields(list(keys), repeat(pa.string(), len(keys)))

    def batches(self, rejects: Rejects) -> Iterator[pa.RecordBatch]:
        """Yield rows as text; a record that is no JSON object, or gives a key twice, is rejected."""
        paths = [_path(key) for key in list_original_names(self.columns)]
        for records in self._records(self.fingerprint.start):
            values = self._find_keys([text for _, text in records], paths) if paths else []
            kept = self._select_rows(values, records, rejects)
            if values:
                yield pa.record_batch(values, schema=self.columns).filter(pa.array(kept))

    def _find_keys(self, texts: list[bytes], paths: list[str]) -> list[pa.Array]:
        found = _engine(texts).execute(_VALUES, {"paths": paths}).to_arrow_table()["found"]
        values = [pc.list_element(found.combine_chunks(), place) for place in range(len(self.columns))]
        return [_write_whole(texts, path, column) for path, column in zip(paths, values, strict=True)]

    def _select_rows(self, values: list[pa.Array], records: list[Record], rejects: Rejects) -> np.ndarray:
        """Select the rows to land; skip blank lines and reject faulty ones."""
        kept = np.zeros(len(records), bool)
        for column in values:
            kept |= column.is_valid().to_numpy(zero_copy_only=False)
        doubtful = [int(place) for place in np.flatnonzero(~kept) if records[place][1].strip()]
        kept[doubtful] = True
        faults = _engine([records[place][1] for place in doubtful]).execute(_FAULTS).fetchall() if doubtful else []
        found = {doubtful[number]: reason for number, reason in faults} | self._find_repeats(records)
        for place, reason in sorted(found.items()):
            kept[place] = False
            line, text = records[place]
            rejects.add(self.fingerprint.file.display_name, line, reason, text.strip())
        return kept

    def _find_repeats(self, records: list[Record]) -> dict[int, str]:
        """Find the records that give a key twice: only one of its values could land."""
        if not self._has_repeats:
            return {}
        found = _engine([text for _, text in records]).execute(_REPEATS).fetchall()
        return dict.fromkeys((place for (place,) in found), "a key is given twice")

    def _records(self, start: int = 0) -> Iterator[list[Record]]:
        """Yield blocks of records, which are lines or cut out of documents. start: bytes of lines that are skipped."""
        cut = self._cut_lines(start) if self._layout.is_lines else self._cut_documents(self._layout)
        for records in cut:
            longest = max(records, key=lambda record: len(record[1]), default=(0, b""))
            if len(longest[1]) > LONGEST_RECORD_BYTES:
                raise self._explain(f"a record of line {longest[0]} is longer than 64 MB")
            if records:
                yield records

    def _cut_lines(self, start: int) -> Iterator[list[Record]]:
        with self._open_text() as text:
            number, rest, last = 1 + text.skip(start), b"", False
            while not last:
                block, last = text.read_full()
                *lines, rest = (rest + block).split(b"\n")
                if len(rest) > LONGEST_RECORD_BYTES:
                    raise self._explain(f"line {number + len(lines)} is longer than 64 MB")
                yield list(enumerate(lines, start=number))
                number += len(lines)
        yield [(number, rest)]

    def _cut_documents(self, layout: Layout) -> Iterator[list[Record]]:
        cutter = RecordCutter(layout.path)
        try:
            yield from cutter.cut(self._blocks())
        except BrokenDocumentError as error:
            what = f"{error.what} (line {error.line})"
            raise self._explain(what, "it may be truncated: deliver it again; or mend it") from error
        if not cutter.has_found:
            raise self._explain(f"the file has no {'.'.join(layout.path)}, where `records` says that its records are")

    def _blocks(self) -> Iterator[bytes]:
        """Yield the file's text."""
        last = False
        with self._open_text() as text:
            while not last:
                block, last = text.read_full()
                yield block

    def _open_text(self) -> TextStream:
        return TextStream(self.fingerprint.file.path, self.fingerprint.file.display_name, self._encoding)

    def _explain(
        self, what: str, do: str = "name the list of its records in the source: `records: orders`"
    ) -> SourceError:
        return SourceError(what, where=self.fingerprint.file.display_name, do=do)


def _engine(texts: list[bytes]) -> duckdb.DuckDBPyConnection:
    """Open DuckDB with the records as a table."""
    numbered = {"number": range(len(texts)), "record": pa.array(_decode(texts), pa.string())}
    engine = _connection()
    # DuckDB assigns one Arrow batch to a thread, so one large batch would keep all but one thread idle.
    engine.register("records", pa.Table.from_batches(pa.table(numbered).to_batches(_ROWS_PER_THREAD)))
    return engine


def _write_whole(texts: list[bytes], path: str, values: pa.Array) -> pa.Array:
    """Write numbers that are whole without decimals: 1.0 is the same number as 1, and so the same customer."""
    if not pc.any(pc.ends_with(values, ".0")).as_py():
        return values
    is_number = _engine(texts).execute(_IS_DOUBLE, {"path": path}).to_arrow_table()["is_double"].combine_chunks()
    is_whole = pc.and_kleene(is_number, pc.ends_with(values, ".0"))
    return pc.if_else(pc.fill_null(is_whole, False), pc.replace_substring_regex(values, r"\.0$", ""), values)


@cache
def _connection() -> duckdb.DuckDBPyConnection:
    import duckdb

    return duckdb.connect()


def _decode(texts: list[bytes]) -> list[str]:
    """Decode records. Invalid UTF-8 becomes text that is not valid JSON."""
    try:
        return [text.decode() for text in texts]
    except UnicodeDecodeError:
        return [_decode_one(text) for text in texts]


def _decode_one(text: bytes) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError:
        return "not UTF-8"


def _path(key: str) -> str:
    """Return a key as a JSON pointer."""
    return "/" + key.replace("~", "~0").replace("/", "~1")
