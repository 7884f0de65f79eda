"""The pages' only access to data: published gold, one snapshot per rerun, with results cached per snapshot."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import streamlit as st

from patron.publish.manifest import Manifest, read_manifest
from patron.publish.reader import open_snapshot
from patron.publish.snapshot import Snapshot, load_current
from patron.serve.answer import Answer

if TYPE_CHECKING:
    import duckdb

_MAX_QUERIES = 2000
_MAX_COMPUTED = 200

T = TypeVar("T")


class SnapshotGoneError(Exception):
    """The snapshot of the page was deleted, because runs have published twice since: the page must be rerun."""


@dataclass(frozen=True)
class Result(Answer):
    """The result of a query: columns, rows and the SQL. Values are plain Python: Decimal for money, None for null."""

    sql: str = ""
    parameters: tuple[Any, ...] = ()

    def column(self, name: str) -> list[Any]:
        """Return the values of a column. Raises ValueError for an unknown one."""
        place = self.columns.index(name)
        return [row[place] for row in self.rows]

    def numbers(self, name: str) -> list[float | None]:
        """Return the values of a numeric column as floats, for charts."""
        return [None if value is None else float(value) for value in self.column(name)]

    def first(self) -> dict[str, Any]:
        """Return the first row by column; every value is None if there are no rows."""
        return dict(zip(self.columns, self.rows[0] if self.rows else [None] * len(self.columns), strict=True))

    def __bool__(self) -> bool:
        return bool(self.rows)


@dataclass(frozen=True)
class Data:
    """One snapshot, as one user may see it. masked_columns: the personal columns that are hidden from them."""

    published: Path
    snapshot: Snapshot
    masked_columns: frozenset[str] = frozenset()

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> Result:
        """Run a select over gold.<table>; pass values from outside as parameters (?), never as text.

        Results are cached. Raises SnapshotGoneError if the snapshot was deleted; the page is then rerun.
        """
        columns, rows = _query_cached(
            str(self.published), self.snapshot.name, self.masked_columns, sql, tuple(parameters), self
        )
        return Result(columns, rows, sql, tuple(parameters))

    def first(self, sql: str, parameters: Sequence[Any] = ()) -> dict[str, Any]:
        """Run a select as `rows` does, and return its first row by column; every value is None if there are no rows."""
        return self.rows(sql, parameters).first()

    def count(self, table: str) -> int:
        """Return the number of rows of a gold table; 0 if the snapshot does not have it."""
        return self.snapshot.tables.get(table, 0)

    def compute(self, make: Callable[..., T], *arguments: Hashable) -> T:
        """Return make(connection, *arguments), cached like a query; the connection sees gold with the same masks.

        make: a module-level function. arguments: dataclasses or plain values. Raises SnapshotGoneError as `rows` does.
        """
        called = f"{make.__module__}.{make.__qualname__}"
        result: T = _compute_cached(
            str(self.published), self.snapshot.name, self.masked_columns, called, arguments, make, self
        )
        return result

    @property
    def about(self) -> Manifest:
        """Return the manifest of the snapshot; an empty one if an older version of patron published it."""
        return read_manifest(self.published / self.snapshot.name) or Manifest()

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Open a new cursor on the snapshot's connection."""
        return _open_connection(str(self.published), self.snapshot.name, self.masked_columns, self).cursor()

    @contextmanager
    def guard_snapshot(self) -> Iterator[None]:
        """Raise SnapshotGoneError instead of a read error if the snapshot is deleted while the block reads it."""
        import duckdb

        from patron.errors import EngineError

        try:
            yield
        except (duckdb.IOException, EngineError) as error:
            if self._is_complete():
                raise
            raise SnapshotGoneError from error

    def query(self, sql: str, parameters: tuple[Any, ...]) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Run a select without caching; return its columns and rows."""
        with self.guard_snapshot():
            cursor = self.cursor().execute(sql, parameters)
            return [column[0] for column in cursor.description or []], cursor.fetchall()

    def _is_complete(self) -> bool:
        folder = self.published / self.snapshot.name
        return all((folder / f"{table}.parquet").exists() for table in self.snapshot.tables)


def open_latest(published: Path, masked_columns: frozenset[str]) -> Data | None:
    """Open the current snapshot; None before the first run."""
    snapshot = load_current(published)
    return None if snapshot is None else Data(published, snapshot, masked_columns)


@st.cache_resource(max_entries=4, show_spinner=False)  # type: ignore[untyped-decorator]
def _open_connection(
    published: str,  # noqa: ARG001 - the key
    name: str,  # noqa: ARG001 - the key
    masked_columns: frozenset[str],
    _data: Data,
) -> duckdb.DuckDBPyConnection:
    return open_snapshot(_data.published, _data.snapshot, masked_columns)


@st.cache_data(max_entries=_MAX_QUERIES, show_spinner=False)  # type: ignore[untyped-decorator]
def _query_cached(
    published: str,  # noqa: ARG001 - the key
    name: str,  # noqa: ARG001 - the key
    masked_columns: frozenset[str],  # noqa: ARG001 - the key
    sql: str,
    parameters: tuple[Any, ...],
    _data: Data,
) -> tuple[list[str], list[tuple[Any, ...]]]:
    return _data.query(sql, parameters)


@st.cache_resource(max_entries=_MAX_COMPUTED, show_spinner=False)  # type: ignore[untyped-decorator]
def _compute_cached(
    published: str,  # noqa: ARG001 - the key
    name: str,  # noqa: ARG001 - the key
    masked_columns: frozenset[str],  # noqa: ARG001 - the key
    called: str,  # noqa: ARG001 - the key
    arguments: tuple[Hashable, ...],
    _make: Callable[..., T],
    _data: Data,
) -> T:
    with _data.guard_snapshot():
        return _make(_data.cursor(), *arguments)
