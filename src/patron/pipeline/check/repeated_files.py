"""Files most of whose rows are in an earlier file, too: a full export made anew under a new name, in whatever order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patron.engines.sql_text import quote_name
from patron.lake.technical_columns import TECHNICAL_COLUMNS
from patron.project.project import Project

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse
    from patron.pipeline.check.context import CheckContext

_LEAST_ROWS = 10
"""Fewer rows may well repeat those of another file: two tea at the same price."""


@dataclass(frozen=True)
class RepeatedFile:
    """A file of a source. rows: all of its own. again: those that equal, in every column, a row of an earlier file."""

    source: str
    file: str
    rows: int
    again: int

    def describe(self) -> str:
        """Say how many rows count twice, and how to tell."""
        return (
            f"{self.again:,} of {self.rows:,} rows of {self.file} are in an earlier file, too, and count twice: a full "
            "export made anew? Map a `key:` or `full_extract:`, or set `exact_duplicates: drop`"
        )


def find_repeated_files(context: CheckContext) -> Iterator[RepeatedFile]:
    """Find the files of order lines of which more than half came before, where nothing says which row counts."""
    for source in context.project.mappings_of("order_lines"):
        if _is_told(context.project, source) or not context.lake.table(source).exists:
            continue
        for row in context.query(_write_query(context, source)):
            yield RepeatedFile(source, row["file"], row["row_count"], row["again"])


def find_files_landed_again(project: Project, warehouse: Warehouse) -> Iterator[RepeatedFile]:
    """Find such files among those that each source landed last, by what is mapped.

    Costs little where files do not share their days: only rows of the days of files that do are compared.
    """
    for source, mapping in project.mappings_of("order_lines").items():
        files = [] if _is_told(project, source) else _list_files(warehouse, source)
        newest = max((file.batch for file in files), default=0)
        suspects = [file for n, file in enumerate(files) if file.batch == newest and file.overlaps(files[:n])]
        if suspects:
            sql = _AGAIN.format(
                columns=", ".join(name for name in mapping.columns if name != "attributes"),
                source=source,
                first=min(file.first_at for file in suspects),
                last=max(file.last_at for file in suspects),
                least=_LEAST_ROWS,
            )
            names = {file.name for file in suspects}
            for row in warehouse.query(sql).to_pylist():
                if row["file"] in names:
                    yield RepeatedFile(source, row["file"], row["row_count"], row["again"])


@dataclass(frozen=True)
class _File:
    """When the orders of a file begin and end, and the landing that brought it."""

    name: str
    batch: int
    first_at: dt.datetime
    last_at: dt.datetime

    def overlaps(self, earlier: list[_File]) -> bool:
        """Whether half of its time lies within that of an earlier file."""
        return any(
            2 * (min(self.last_at, other.last_at) - max(self.first_at, other.first_at)) >= self.last_at - self.first_at
            for other in earlier
        )


def _list_files(warehouse: Warehouse, source: str) -> list[_File]:
    return [_File(*row.values()) for row in warehouse.query(_FILES.format(source=source)).to_pylist()]


def _is_told(project: Project, source: str) -> bool:
    """Whether patron.yaml, or the source itself, says which of two rows counts."""
    return bool(
        project.mappings_of("order_lines")[source].key
        or project.mappings[source].newest_counts
        or project.settings.rules.exact_duplicates == "drop"
        or project.settings.sources[source].kind.is_changelog
    )


def _write_query(context: CheckContext, source: str) -> str:
    own = [field.name for field in context.lake.table(source).schema() if field.name not in TECHNICAL_COLUMNS]
    columns = ", ".join(quote_name(name, context.warehouse.dialect) for name in own)
    return _REPEATED.format(columns=columns, source=source, least=_LEAST_ROWS)


_REPEATED = """
select _source_file as file, count(*) as row_count, count(case when first_key < file_key then 1 end) as again
from (
    select
        _source_file,
        min(_row_key) over (partition by {columns}) as first_key,
        min(_row_key) over (partition by _source_file) as file_key
    from bronze.{source}
) as marked
group by _source_file
having count(case when first_key < file_key then 1 end) >= {least}
    and 2 * count(case when first_key < file_key then 1 end) > count(*)
order by _source_file
"""

_FILES = """
select _source_file as file, max(_batch_id) as batch, min(ordered_at) as first_at, max(ordered_at) as last_at
from staging.stg_order_lines
where source_name = '{source}' and quarantine_reason is null
group by _source_file
order by min(_row_key)
"""

_AGAIN = """
select _source_file as file, count(*) as row_count, count(case when first_key < file_key then 1 end) as again
from (
    select
        _source_file,
        min(_row_key) over (partition by {columns}) as first_key,
        min(_row_key) over (partition by _source_file) as file_key
    from staging.stg_order_lines
    where source_name = '{source}' and quarantine_reason is null
        and ordered_at between cast('{first}' as timestamp) and cast('{last}' as timestamp)
) as marked
group by _source_file
having count(case when first_key < file_key then 1 end) >= {least}
    and 2 * count(case when first_key < file_key then 1 end) > count(*)
order by _source_file
"""
