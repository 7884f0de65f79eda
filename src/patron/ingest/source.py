"""What a landing gets, and what it returns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from patron.errors import SourceError


class UnreachableError(SourceError):
    """A source does not answer now; later it may."""


Format = Literal["auto", "csv", "json", "jsonl", "parquet", "xlsx"]
OnProgress = Callable[[int], None]
"""Called with the number of rows that a landing has taken so far."""


@dataclass(frozen=True)
class SourceContext:
    """What a connector must know of a source beside its own settings.

    where: its place in patron.yaml, for errors. root, data: the project's folder, and in it that of its files.
    required_columns: those that a mapping needs; a source without them is refused before anything lands.
    optional_columns: those that a mapping reads and that may be missing; a landing says which are.
    newest_counts: whether mappings tell by themselves which of two rows counts, so that a row may land twice.
    memory_limit: of the warehouse, such as 2GB; None for the engine's own.
    """

    name: str
    where: str
    root: Path
    data: str
    required_columns: tuple[str, ...] = ()
    optional_columns: tuple[str, ...] = ()
    newest_counts: bool = False
    memory_limit: str | None = None


@dataclass(frozen=True)
class FileSource:
    """Files that deliver one source, and how they are written.

    patterns: globs, from the data folder or absolute; `**` goes into folders.
    delimiter, quote, escape: one character, `tab`, `none`, or `auto`; escape `none` means doubled quotes.
    encoding: a codec that Python knows, or `auto`.
    header: whether the first row names the columns; `auto` says yes unless `columns` are given.
    columns: names, for files that have no header.
    records: the keys that lead to the records of a JSON document, joined by dots; `.` for the document itself.
    sheets, header_row: of a workbook; the row that names its columns is counted from 1.
    required_columns: those that a mapping needs; a file without them stops the source before anything lands.
    optional_columns: those that a mapping reads and that files may lack; a landing says which did.
    newest_counts: as of the source's context.
    """

    name: str
    patterns: tuple[str, ...]
    format: Format = "auto"
    delimiter: str = "auto"
    quote: str = "auto"
    escape: str = "auto"
    encoding: str = "auto"
    header: bool | Literal["auto"] = "auto"
    columns: tuple[str, ...] | None = None
    records: str | None = None
    sheets: tuple[str, ...] = ()
    header_row: int | None = None
    required_columns: tuple[str, ...] = ()
    optional_columns: tuple[str, ...] = ()
    newest_counts: bool = False

    @property
    def has_header(self) -> bool:
        return not self.columns if self.header == "auto" else self.header


@dataclass(frozen=True)
class TableSource:
    """A table of a PostgreSQL server that delivers one source.

    schema, table: its place, as the server spells it.
    connection: the environment variable that holds the connection string.
    key: columns that tell its rows apart; the primary key, if none are named.
    cursor: a column that grows with each change, by which only what is new is read.
    required_columns, optional_columns: as of files.
    memory_limit: what comparing may take before it spills to disk.
    """

    name: str
    schema: str
    table: str
    connection: str
    key: tuple[str, ...] = ()
    cursor: str | None = None
    required_columns: tuple[str, ...] = ()
    optional_columns: tuple[str, ...] = ()
    memory_limit: str = "1GB"

    @property
    def display_name(self) -> str:
        """What `_source_file` says of its rows."""
        return f"postgres:{self.schema}.{self.table}"


@dataclass
class Landing:
    """What one landing did. `rows + rejected_rows` is every row of the files that landed.

    Of a changelog: rows_read is what was compared; rows, what came to bronze of it; deleted_rows of these say that a
    row, or an older version of one, is gone. Of topics: rows_read is messages.
    """

    source: str
    is_changelog: bool = False
    rows_read: int = 0
    deleted_rows: int = 0
    files_matched: int = 0
    files_landed: int = 0
    files_already_landed: int = 0
    topics_landed: int = 0
    rows: int = 0
    rejected_rows: int = 0
    batch_ids: list[int] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@dataclass
class Reread:
    """What reading the rejected rows of a source again came to."""

    source: str
    rows_before: int = 0
    rows_read: int = 0
    rows_rejected: int = 0
    batch_id: int | None = None
    reasons: Counter[str] = field(default_factory=Counter)
    out_of_reach: list[tuple[str, int, str]] = field(default_factory=list)
    """(file, rows, why) of what could not even be tried; these rows are among rows_rejected."""
