"""JSON lines: one object per line, each key a text column.

Strings come without quotes, other values as their JSON text, null as NULL. Numbers pass through DuckDB's JSON
reader, which writes the shortest text of the same double (1.10 becomes 1.1) and keeps integers of any size.
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
from patron.ingest.files.reader import list_original_names, make_fields
from patron.ingest.files.rejected_rows import Rejects
from patron.ingest.files.text_stream import TextStream

if TYPE_CHECKING:
    import duckdb

LONGEST_LINE_BYTES = 64 * 2**20
_ROWS_PER_THREAD = 2048

_KEYS = """
    select keys from (select number, try(json_keys(line)) as keys from lines)
    where keys is not null group by keys order by min(number)
"""
_VALUES = "select try(json_extract_string(line, $paths)) as found from lines order by number"
# Asked only of lines where every value is NULL. An object without keys has nothing to land.
_FAULTS = """
    select number, case when json_valid(line) then 'not a JSON object with keys' else 'not valid JSON' end
    from lines where coalesce(len(try(json_keys(line))), 0) = 0 order by number
"""


class JsonLinesFile:
    """A file of JSON lines whose keys are known."""

    def __init__(self, fingerprint: Fingerprint, encoding: str) -> None:
        """Read the whole file once to find its keys. Raises SourceError for another kind of file."""
        self.fingerprint, self._encoding = fingerprint, encoding
        keys: dict[str, None] = {}
        for _, lines in self._blocks():
            for (found,) in _engine(lines).execute(_KEYS).fetchall():
                keys.update(dict.fromkeys(found))
        self.columns = make_fields(list(keys), repeat(pa.string(), len(keys)))

    def batches(self, rejects: Rejects) -> Iterator[pa.RecordBatch]:
        """Yield rows as text; a line that is not a JSON object is rejected."""
        paths = [_path(key) for key in list_original_names(self.columns)]
        for first, lines in self._blocks():
            values = self._find_keys(lines, paths) if paths else []
            kept = self._select_rows(values, first, lines, rejects)
            if values:
                yield pa.record_batch(values, schema=self.columns).filter(pa.array(kept))

    def _find_keys(self, lines: list[bytes], paths: list[str]) -> list[pa.Array]:
        found = _engine(lines).execute(_VALUES, {"paths": paths}).to_arrow_table()["found"]
        return [pc.list_element(found.combine_chunks(), place) for place in range(len(self.columns))]

    def _select_rows(self, values: list[pa.Array], first: int, lines: list[bytes], rejects: Rejects) -> np.ndarray:
        """Select the rows to land; skip blank lines and reject faulty ones."""
        kept = np.zeros(len(lines), bool)
        for column in values:
            kept |= column.is_valid().to_numpy(zero_copy_only=False)
        doubtful = {int(place): lines[place] for place in np.flatnonzero(~kept) if lines[place].strip()}
        kept[list(doubtful)] = True
        faults = _engine(list(doubtful.values())).execute(_FAULTS).fetchall() if doubtful else []
        places = list(doubtful)
        for number, reason in faults:
            place = places[number]
            kept[place] = False
            rejects.add(self.fingerprint.file.display_name, first + place, reason, lines[place].strip())
        return kept

    def _blocks(self) -> Iterator[tuple[int, list[bytes]]]:
        """Yield blocks of lines, each with the line number of its first."""
        file = self.fingerprint.file
        number, rest, last = 1, b"", False
        with TextStream(file.path, file.display_name, self._encoding) as text:
            while not last:
                block, last = text.read_full()
                if number == 1:
                    _check_lines(block, file.display_name)
                lines = (rest + block).split(b"\n")
                rest = b"" if last else lines.pop()
                if len(rest) > LONGEST_LINE_BYTES:
                    raise _not_lines("a line of the file is longer than 64 MB", file.display_name)
                if lines:
                    yield number, lines
                number += len(lines)


def _engine(lines: list[bytes]) -> duckdb.DuckDBPyConnection:
    """Open DuckDB with the lines as a table. Invalid UTF-8 becomes text that is not valid JSON."""
    try:
        texts = b"\n".join(lines).decode().split("\n")
    except UnicodeDecodeError:
        texts = [_text(line) for line in lines]
    table = pa.table({"number": range(len(texts)), "line": pa.array(texts, pa.string())})
    engine = _connection()
    # DuckDB assigns one Arrow batch to a thread, so one large batch would keep all but one thread idle.
    engine.register("lines", pa.Table.from_batches(table.to_batches(_ROWS_PER_THREAD)))
    return engine


@cache
def _connection() -> duckdb.DuckDBPyConnection:
    import duckdb

    return duckdb.connect()


def _text(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return "not UTF-8"


def _path(key: str) -> str:
    """Return a key as a JSON pointer."""
    return "/" + key.replace("~", "~0").replace("/", "~1")


def _check_lines(head: bytes, display_name: str) -> None:
    start = head.lstrip()
    if start.startswith(b"["):
        raise _not_lines("the file is one JSON array", display_name)
    if start.partition(b"\n")[0].strip() == b"{":
        raise _not_lines("the file's JSON goes over several lines", display_name)


def _not_lines(what: str, display_name: str) -> SourceError:
    return SourceError(
        f"{what}; patron reads JSON lines: one object per line",
        where=display_name,
        do="convert it to lines first: jq -c '.[]' in.json > out.jsonl (jq -c . for a single object)",
    )
