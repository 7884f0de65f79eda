"""A version of a Delta table: its columns, its rows, and what changed in it since an earlier version."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from patron.errors import SourceError, did_you_mean
from patron.ingest.changelog import make_arriving
from patron.ingest.column_names import check_required
from patron.ingest.files.delta_types import find_delta_type
from patron.ingest.quoting import quote_identifier
from patron.lake import DELETED

if TYPE_CHECKING:
    from deltalake import DeltaTable

    from patron.ingest.delta.source import DeltaSource

_FEED = "delta.enableChangeDataFeed"


class FeedError(Exception):
    """The change data feed cannot be read from that version on."""


@dataclass(frozen=True)
class Table:
    """A table at one version, which stays the same while it is read."""

    source: DeltaSource
    opened: DeltaTable

    @property
    def display_name(self) -> str:
        return self.source.display_name

    @property
    def key(self) -> tuple[str, ...]:
        return self.source.key

    @cached_property
    def version(self) -> int:
        return int(self.opened.version())

    @cached_property
    def id(self) -> str:
        """What tells the table from another at the same place."""
        return str(self.opened.metadata().id)

    @cached_property
    def columns(self) -> pa.Schema:
        return pa.schema(self.opened.schema().to_arrow())

    @property
    def header(self) -> list[str]:
        return list(self.columns.names)

    @cached_property
    def arriving(self) -> pa.Schema:
        """Its columns under legal names, in the types that bronze has, and DELETED."""
        return make_arriving(self.header, [find_delta_type(type_) for type_ in self.columns.types])

    @property
    def has_feed(self) -> bool:
        """Whether the table keeps its changes."""
        return str(self.opened.metadata().configuration.get(_FEED, "")).lower() == "true"

    def read(self, columns: list[str] | None = None) -> pa.RecordBatchReader:
        """Read the rows of this version, or some of their columns. Raises SourceError, while reading too."""
        from deltalake import QueryBuilder

        listed = ", ".join(map(quote_identifier, columns or self.header))
        with translate_errors(self.source):
            found = QueryBuilder().register("rows", self.opened).execute(f"select {listed} from rows")
            return pa.RecordBatchReader.from_stream(found)

    def read_changes(self, since: int) -> pa.RecordBatchReader:
        """Read what changed after a version, up to this one. Raises FeedError where the feed does not tell.

        Columns: those of the table, _change_type, _commit_version, _commit_timestamp.
        """
        if not (self.has_feed and self._had_feed(since)):
            raise FeedError
        try:
            found = self.opened.load_cdf(starting_version=since + 1, ending_version=self.version)
            return pa.RecordBatchReader.from_stream(found)
        except Exception as error:  # of the library's own classes, some of which it does not name
            raise FeedError from error

    def _had_feed(self, version: int) -> bool:
        from deltalake import DeltaTable

        try:
            return Table(
                self.source,
                DeltaTable(self.source.address, version=version, storage_options=self.source.storage_options),
            ).has_feed
        except Exception:  # the log no longer goes back so far
            return False


def open_table(source: DeltaSource) -> Table:
    """Open the latest version. Raises SourceError where there is no table, or not the columns that are needed."""
    from deltalake import DeltaTable
    from deltalake.exceptions import TableNotFoundError

    with translate_errors(source):
        try:
            table = Table(source, DeltaTable(source.address, storage_options=source.storage_options))
        except TableNotFoundError as error:
            do = f"correct {source.where}.table, which counts from the data folder, or wait until the table is written"
            raise SourceError("there is no Delta table", where=source.written, do=do) from error
        _check_key(table)
        check_required(source.required_columns, [*table.header, DELETED], table.display_name, "table")
        return table


def _check_key(table: Table) -> None:
    for name in table.key:
        if name not in table.header:
            what = f"the table has no column {name!r}, which is part of its key; it has {', '.join(table.header)}"
            do = did_you_mean(name, table.header, f"correct {table.source.where}.key in patron.yaml")
            raise SourceError(what, where=table.display_name, do=do)


@contextmanager
def translate_errors(source: DeltaSource) -> Iterator[None]:
    """Say in patron's words that a table cannot be read."""
    from deltalake.exceptions import DeltaError

    try:
        yield
    except (DeltaError, pa.ArrowException, OSError) as error:
        do = "run again if the table was being vacuumed; else see that it can be read, and that credentials are set"
        what = f"the Delta table cannot be read: {_shorten(error)}; nothing of it landed"
        raise SourceError(what, where=source.display_name, do=do) from error


def _shorten(error: Any) -> str:
    return str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
