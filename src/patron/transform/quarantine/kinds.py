"""Bad rows by kind: a thousand values that are not valid amounts are one kind, whatever each of them says."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from patron.errors import EngineError
from patron.lake import list_landed_files

if TYPE_CHECKING:
    import duckdb

    from patron.lake import Lake

# A reason is "column: value is not a valid type", "column: what is wrong", or what is wrong with the row.
REASON_SQL = r"""regexp_replace(
        quarantine_reason, '(?s)^([a-z][a-z0-9_]*: ).* is not ((a )?valid [a-z]+(\([0-9, ]+\))?)$', '\1not \2'
    )"""
"""SQL: the reason of a quarantined row, without the value."""

_QUARANTINED = rf"""
select
    entity,
    nullif(regexp_extract({REASON_SQL}, '^([a-z][a-z0-9_]*): ', 1), '') as column_name,
    regexp_replace({REASON_SQL}, '^[a-z][a-z0-9_]*: ', '') as reason,
    count(*) as row_count,
    histogram(source_file) as files,
    arg_min(
        {{'file': source_file, 'line': null, 'reason': quarantine_reason, 'raw': raw_row}}, row_key, $samples
    ) as samples
from read_parquet($path)
where source_name = $source and batch_id > $since
group by all
order by row_count desc, entity, column_name, reason
"""

_UNREADABLE = r"""
select
    null as entity,
    null as column_name,
    case
        when reason like '%; the file ends inside this row' then 'the file ends inside the row'
        else regexp_replace(reason, '^[0-9]+ columns instead of ([0-9]+)', 'not \1 columns')
    end as reason,
    count(*) as row_count,
    histogram(_source_file) as files,
    arg_min({'file': _source_file, 'line': line, 'reason': reason, 'raw': raw}, _row_key, $samples) as samples
from read_parquet($path) as rejected
where list_contains($standing, (_batch_id, _source_file))
group by all
order by row_count desc, reason
"""


@dataclass(frozen=True)
class Kind:
    """Bad rows of one source with the same reason.

    entity, column: None for rows that could not be read. files: name -> rows. samples: dicts with file, line, reason,
    raw.
    """

    source: str
    kind: Literal["quarantined", "unreadable"]
    entity: str | None
    column: str | None
    reason: str
    rows: int
    files: dict[str, int]
    samples: list[dict[str, Any]] = field(default_factory=list)

    @property
    def description(self) -> str:
        """The column, and what is wrong with it."""
        return f"{self.column}: {self.reason}" if self.column else self.reason


def find_quarantined_kinds(path: Path, source: str, *, samples: int = 1, since: int = 0) -> list[Kind]:
    """Find the kinds of quarantined rows that landed after the batch `since`, the most common first."""
    found = query_parquet(_QUARANTINED, path=path, source=source, since=since, samples=samples)
    return [Kind(source, "quarantined", *[*row[:-1], _parse_raw_rows(row[-1])]) for row in found]


def find_unreadable_kinds(lake: Lake, source: str, *, samples: int = 1, since: int = 0) -> list[Kind]:
    """Find the kinds of rows that could not be read, of files that landed after the batch `since`."""
    standing = [
        (file.rejected_batch_id, file.origin)
        for file in list_landed_files(lake.table(source))
        if file.rejected_rows and file.batch_id > since
    ]
    if not standing:
        return []
    found = query_parquet(_UNREADABLE, path=lake.rejected(source).files(), standing=standing, samples=samples)
    return [Kind(source, "unreadable", *row) for row in found]


def query_parquet(
    sql: str, connection: duckdb.DuckDBPyConnection | None = None, **values: Any
) -> list[tuple[Any, ...]]:
    """Run a select over Parquet files, with each $name in it replaced by its value.

    Values are written into the SQL because DuckDB imports pandas (0.3 s) to bind parameters.
    """
    import duckdb

    def write_value(name: re.Match[str]) -> str:
        return _literal(values[name[1]])

    statement = re.sub(r"\$([a-z_]+)", write_value, sql)
    try:
        return list((connection or _engine().cursor()).execute(statement).fetchall())
    except duckdb.Error as error:
        what = f"The bad rows cannot be read: {str(error).splitlines()[0]}"
        raise EngineError(what, where="the bad rows", do="try again; a run may have replaced them") from error


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    """An engine without tables, opened once: opening one takes as long as a small query."""
    import duckdb

    # Its cache of files would know one that was replaced by its time of change alone.
    return duckdb.connect(":memory:", config={"enable_external_file_cache": "false"})


def _literal(value: Any) -> str:
    match value:
        case int():
            return str(value)
        case list():
            return f"[{', '.join(map(_literal, value))}]"
        case tuple():
            return f"({', '.join(map(_literal, value))})"
    return "'" + str(value).replace("'", "''") + "'"


def _parse_raw_rows(samples: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**sample, "raw": _parse_json(sample["raw"])} for sample in samples]


def _parse_json(raw: str) -> Any:
    """Parse the columns of a row; return the text itself if it is not JSON."""
    try:
        return json.loads(raw)
    except ValueError:
        return raw
