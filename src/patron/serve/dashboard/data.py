"""The only reader: published gold, one snapshot a paint, answers kept while the snapshot stands."""

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

_MOST_ANSWERS = 2000
_MOST_MADE = 200

T = TypeVar("T")


class SnapshotGoneError(Exception):
    """Runs have published twice since the page began, and took its snapshot away: it must be painted again."""


@dataclass(frozen=True)
class Result(Answer):
    """Columns and rows, with the query that gave them; values are plain Python: Decimal for money, None for null."""

    sql: str = ""
    parameters: tuple[Any, ...] = ()

    def column(self, name: str) -> list[Any]:
        """The values of one column."""
        place = self.columns.index(name)
        return [row[place] for row in self.rows]

    def numbers(self, name: str) -> list[float | None]:
        """The same as floats, for charts."""
        return [None if value is None else float(value) for value in self.column(name)]

    def first(self) -> dict[str, Any]:
        """The first row; every column None where there is none."""
        return dict(zip(self.columns, self.rows[0] if self.rows else [None] * len(self.columns), strict=True))

    def __bool__(self) -> bool:
        return bool(self.rows)


@dataclass(frozen=True)
class Data:
    """One snapshot, as one user may see it. masked_columns: what is personal and not for them."""

    published: Path
    snapshot: Snapshot
    masked_columns: frozenset[str] = frozenset()

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> Result:
        """The answer to one select over gold.<table>; each value from outside is a parameter (?), never text.

        Raises SnapshotGoneError where the snapshot was taken away; the page is then painted again.
        """
        columns, rows = _answer(
            str(self.published), self.snapshot.name, self.masked_columns, sql, tuple(parameters), self
        )
        return Result(columns, rows, sql, tuple(parameters))

    def first(self, sql: str, parameters: Sequence[Any] = ()) -> dict[str, Any]:
        """The first row of the answer; every column None where there is none."""
        return self.rows(sql, parameters).first()

    def count(self, table: str) -> int:
        """Rows of a gold table; 0 for one that the snapshot does not have."""
        return self.snapshot.tables.get(table, 0)

    def worked_out(self, make: Callable[..., T], *arguments: Hashable) -> T:
        """What make(connection, *arguments) gives, kept like an answer; the connection sees gold, masked as here.

        make: a function of a module. arguments: dataclasses or plain values. Raises as `rows` does.
        """
        called = f"{make.__module__}.{make.__qualname__}"
        made: T = _compute_cached(
            str(self.published), self.snapshot.name, self.masked_columns, called, arguments, make, self
        )
        return made

    @property
    def about(self) -> Manifest:
        """Where the snapshot came from; blank for one that an older patron published."""
        return read_manifest(self.published / self.snapshot.name) or Manifest()

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection of one's own to the snapshot."""
        return _open_connection(str(self.published), self.snapshot.name, self.masked_columns, self).cursor()

    @contextmanager
    def standing(self) -> Iterator[None]:
        """Whatever is read inside raises SnapshotGoneError where the snapshot is taken away meanwhile."""
        import duckdb

        from patron.errors import EngineError

        try:
            yield
        except (duckdb.IOException, EngineError) as error:
            if self._is_whole():
                raise
            raise SnapshotGoneError from error

    def ask(self, sql: str, parameters: tuple[Any, ...]) -> tuple[list[str], list[tuple[Any, ...]]]:
        """The answer, not kept."""
        with self.standing():
            cursor = self.cursor().execute(sql, parameters)
            return [column[0] for column in cursor.description or []], cursor.fetchall()

    def _is_whole(self) -> bool:
        folder = self.published / self.snapshot.name
        return all((folder / f"{table}.parquet").exists() for table in self.snapshot.tables)


def open_latest(published: Path, masked_columns: frozenset[str]) -> Data | None:
    """What is published now; None before the first run."""
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


@st.cache_data(max_entries=_MOST_ANSWERS, show_spinner=False)  # type: ignore[untyped-decorator]
def _answer(
    published: str,  # noqa: ARG001 - the key
    name: str,  # noqa: ARG001 - the key
    masked_columns: frozenset[str],  # noqa: ARG001 - the key
    sql: str,
    parameters: tuple[Any, ...],
    _data: Data,
) -> tuple[list[str], list[tuple[Any, ...]]]:
    return _data.ask(sql, parameters)


@st.cache_resource(max_entries=_MOST_MADE, show_spinner=False)  # type: ignore[untyped-decorator]
def _compute_cached(
    published: str,  # noqa: ARG001 - the key
    name: str,  # noqa: ARG001 - the key
    masked_columns: frozenset[str],  # noqa: ARG001 - the key
    called: str,  # noqa: ARG001 - the key
    arguments: tuple[Hashable, ...],
    _make: Callable[..., T],
    _data: Data,
) -> T:
    with _data.standing():
        return _make(_data.cursor(), *arguments)
