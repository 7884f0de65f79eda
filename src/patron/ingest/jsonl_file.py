"""JSON lines: one object a line, each of its keys a text column.

Strings come without quotes, other values as their JSON text, null as NULL. Numbers pass through DuckDB's JSON
reader, which writes the shortest text of the same double (1.10 becomes 1.1) and keeps integers of any size.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import repeat
from typing import TYPE_CHECKING

import pyarrow as pa

from patron.errors import SourceError
from patron.ingest.fingerprints import Fingerprint
from patron.ingest.readable import fields, original_names
from patron.ingest.rejects import Rejects
from patron.ingest.text_stream import TextStream

if TYPE_CHECKING:
    import duckdb

LONGEST_LINE_BYTES = 64 * 2**20

# An object without keys has nothing to land, and would vanish where no line of the file has a key.
_IS_OBJECT = "case when json_valid(line) then json_type(line) = 'OBJECT' and len(json_keys(line)) > 0 else false end"
_KEYS = f"""
    with objects as (select number, json_keys(line) as keys from lines where {_IS_OBJECT})
    select key from (select number, unnest(keys) as key, generate_subscripts(keys, 1) as place from objects)
    group by key order by min((number, place))
"""
_BROKEN = f"select number, json_valid(line) as is_json from lines where not {_IS_OBJECT} and trim(line, ' \\t\\r') <> '' order by number"
_VALUES = f"""
    with objects as (select number, json_extract_string(line, [{{paths}}]) as found from lines where {_IS_OBJECT})
    select {{columns}} from objects order by number
"""


class JsonLinesFile:
    """A file of JSON lines whose keys are known."""

    def __init__(self, fingerprint: Fingerprint, encoding: str) -> None:
        """Reads the whole file once, for its keys. Raises SourceError for another kind of file."""
        self.fingerprint, self._encoding = fingerprint, encoding
        keys: dict[str, None] = {}
        for _, lines in self._blocks():
            keys.update(dict.fromkeys(key for (key,) in _engine(lines).execute(_KEYS).fetchall()))
        self.columns = fields(list(keys), repeat(pa.string(), len(keys)))

    def batches(self, rejects: Rejects) -> Iterator[pa.RecordBatch]:
        """Rows as text; a line that is no JSON object is rejected."""
        values = _values_sql(original_names(self.columns))
        for first, lines in self._blocks():
            engine = _engine(lines)
            for number, is_json in engine.execute(_BROKEN).fetchall():
                reason = "not a JSON object with keys" if is_json else "not valid JSON"
                rejects.add(self.fingerprint.file.seen_as, first + number, reason, lines[number].strip())
            if self.columns.names:
                yield from engine.execute(values).to_arrow_table().to_batches()

    def _blocks(self) -> Iterator[tuple[int, list[bytes]]]:
        """Lines, with the number in the file of the first."""
        file = self.fingerprint.file
        number, rest, last = 1, b"", False
        with TextStream(file.path, file.seen_as, self._encoding) as text:
            while not last:
                block, last = text.read_full()
                if number == 1:
                    _check_lines(block, file.seen_as)
                lines = (rest + block).split(b"\n")
                rest = b"" if last else lines.pop()
                if len(rest) > LONGEST_LINE_BYTES:
                    raise _not_lines("a line of the file is longer than 64 MB", file.seen_as)
                yield number, lines
                number += len(lines)


def _engine(lines: list[bytes]) -> duckdb.DuckDBPyConnection:
    """DuckDB with the lines as a table. What is not UTF-8 becomes a text that is not JSON either."""
    texts = [_text(line) for line in lines]
    engine = _connection()
    engine.register("lines", pa.table({"number": range(len(texts)), "line": pa.array(texts, pa.string())}))
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


def _values_sql(keys: list[str]) -> str:
    paths = ", ".join("'/" + key.replace("~", "~0").replace("/", "~1").replace("'", "''") + "'" for key in keys)
    columns = ", ".join(f'found[{place}] as "{place}"' for place in range(1, len(keys) + 1))
    return _VALUES.format(paths=paths, columns=columns)


def _check_lines(head: bytes, seen_as: str) -> None:
    start = head.lstrip()
    if start.startswith(b"["):
        raise _not_lines("the file is one JSON array", seen_as)
    if start.partition(b"\n")[0].strip() == b"{":
        raise _not_lines("the file's JSON goes over several lines", seen_as)


def _not_lines(what: str, seen_as: str) -> SourceError:
    return SourceError(
        f"{what}; patron reads JSON lines: one object a line",
        where=seen_as,
        do="turn it into lines first, for example: jq -c '.[]' in.json > out.jsonl (or jq -c . for one object)",
    )
