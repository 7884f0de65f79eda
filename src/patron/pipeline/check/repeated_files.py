"""Files most of whose rows are in an earlier file, too: a full export made anew under a new name, in whatever order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patron.engines.sql_text import quote_name
from patron.lake.technical_columns import TECHNICAL_COLUMNS

if TYPE_CHECKING:
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
    rules, mappings = context.project.settings.rules, context.project.mappings_of("order_lines")
    for source, mapping in mappings.items():
        is_changelog = context.project.settings.sources[source].kind.is_changelog
        is_told = mapping.key or context.project.mappings[source].newest_counts or rules.exact_duplicates == "drop"
        if is_told or is_changelog or not context.lake.table(source).exists:
            continue
        for row in context.query(_write_query(context, source)):
            yield RepeatedFile(source, row["file"], row["row_count"], row["again"])


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
