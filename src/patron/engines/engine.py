"""The protocol of an engine: connect, query, write, build tables and views, replace groups of rows."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.errors import EngineError
    from patron.lake import Lake
    from patron.lake.label_history import History

SCHEMAS = (
    *("bronze", "history", "staging", "seeds", "silver", "quarantine", "changes"),
    *("measures", "predictions", "gold", "meta"),
)

_ROWS_AT_ONCE = 200_000


class Warehouse(ABC):
    """An engine that holds silver and all that follows. Errors name the table, the SQL and the cause."""

    dialect: ClassVar[str]
    models_at_once: ClassVar[int] = 1
    """How many models to build side by side."""
    reads_parquet: ClassVar[bool] = False
    """Whether a query may read Parquet files beside tables, by read_parquet."""

    @abstractmethod
    def query(self, sql: str) -> pa.Table:
        """Run one select and return its rows. Raises EngineError."""

    def batches(self, sql: str, rows: int) -> Iterator[pa.Table]:
        """Yield the rows of one select, at most `rows` at a time; nothing if there are none. Raises EngineError."""
        result = self.query(sql)
        for start in range(0, result.num_rows, rows):
            yield result.slice(start, rows)

    def has_rows(self, sql: str) -> bool:
        """Whether one select has any row. Raises EngineError."""
        return bool(self.query(sql).num_rows)

    @abstractmethod
    def write(self, schema: str, table: str, rows: pa.Table) -> None:
        """Replace a table by these rows. Raises EngineError."""

    def write_each(
        self, schema: str, table: str, sql: str, convert: Callable[[pa.Table], pa.Table], columns: pa.Schema
    ) -> int:
        """Replace a table by what `convert` makes of the rows of one select, some at a time; return its rows.

        convert: gives a row for each, of these columns, whatever the others at that time are; it is pickled where other
        processes do the work. Raises EngineError.
        """
        self.write(schema, table, columns.empty_table())
        count = 0
        for rows in self.batches(sql, _ROWS_AT_ONCE):
            self.append(schema, table, convert(rows))
            count += rows.num_rows
        return count

    @abstractmethod
    def append(self, schema: str, table: str, rows: pa.Table) -> None:
        """Add rows to a table that is there, in one step. Raises EngineError."""

    @abstractmethod
    def make_table(self, schema: str, table: str, sql: str, *, is_replaced_whole: bool = False) -> bool:
        """Replace a table, or a view, by a table of the rows of one select, in one step. Raises EngineError.

        is_replaced_whole: whether this method alone ever changes the table, so that it may be kept as a file.
        Return whether the engine says that there are no rows.
        """

    @abstractmethod
    def make_view(self, schema: str, table: str, sql: str) -> None:
        """Replace a view, or a table, by a view of one select. Raises EngineError."""

    @abstractmethod
    def replace_groups(
        self, table: str, sql: str, columns: Sequence[str], groups: str, *, removed: str | None = None
    ) -> None:
        """Replace the rows of some groups of a table by the rows of one select, in one step.

        columns: those that name a group. groups: the relation that holds them, one row each. removed: a table that
        receives the old rows. Raises EngineError.
        """

    @abstractmethod
    def empty(self, table: str) -> None:
        """Delete every row of a table. Raises EngineError."""

    @abstractmethod
    def create_temporary(self, name: str, sql: str) -> AbstractContextManager[str]:
        """Hold the rows of one select as a relation of that name while the context lasts. Raises EngineError."""

    @abstractmethod
    def exists(self, schema: str, table: str) -> bool:
        """Whether a table or view of that name exists."""

    @abstractmethod
    def expose_bronze(self, lake: Lake, sources: Iterable[str]) -> None:
        """Make each source's lake table readable as bronze.<source>."""

    @abstractmethod
    def expose_history(self, history: History) -> None:
        """Make the history of customers' labels readable as history.label_changes."""

    @abstractmethod
    def export(self, schema: str, tables: Iterable[str], folder: Path) -> Mapping[str, int]:
        """Write each table to folder/<table>.parquet and return its rows."""

    def write_delta(self, schema: str, tables: Iterable[str], folder: Path) -> Mapping[str, int]:
        """Replace folder/<table> by a Delta table of the same rows, in one commit each, and return the rows of each.

        Columns have the types of published tables. Raises EngineError.
        """
        return {table: self._write_delta(f"select * from {schema}.{table}", folder / table) for table in tables}

    def _write_delta(self, sql: str, target: Path) -> int:
        from patron.engines.delta_tables import write_as_delta

        schema = self.query(f"select * from ({sql}) as every_row where 1 = 0").schema
        return write_as_delta(target, schema, self.batches(sql, _ROWS_AT_ONCE))

    @abstractmethod
    def contents(self, schema: str, tables: Sequence[str]) -> dict[str, str]:
        """Describe each table by a text that is the same for the same rows, in any order, on the same engine."""

    def find_damaged_tables(self) -> list[str]:
        """List the tables, as <schema>.<table>, that do not hold what was written, where the engine does not check that
        itself as it reads.
        """
        return []

    @abstractmethod
    def drop_built(self) -> None:
        """Drop everything that is built from bronze, so that the next run starts from the lake."""

    @abstractmethod
    def dbt_profile(self) -> dict[str, Any]:
        """Return the output of profiles.yml that reaches this engine."""

    @contextlib.contextmanager
    def hold_open(self) -> Iterator[None]:
        """Keep open what is costly to open, for the calls inside."""
        yield

    def interrupt(self, threads: Collection[int]) -> None:
        """Make the queries of these threads fail soon with an EngineError, if the engine can."""

    def explain(self, error: EngineError) -> EngineError:
        """Return the error of a build with its cause, if this engine knows it; else the error as it is."""
        return error

    def close(self) -> None:
        """Release files and sessions; a later call opens them again."""
