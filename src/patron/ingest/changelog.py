"""The columns of a table whose changes land, as bronze has them, and what a person should know of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Protocol

import pyarrow as pa

from patron.ingest.bronze_rows import CommonColumns, find_common_columns
from patron.ingest.column_names import find_missing_columns
from patron.ingest.files.reader import make_fields
from patron.ingest.quoting import quote_identifier
from patron.lake import DELETED, BronzeTable
from patron.lake.arrow_types import sql_type
from patron.lake.folded_names import fold_name

_LIKE_BEFORE = (
    "give the column the type back that it had; or land the table as a source of its own, under another name, and move "
    "the old one out of patron.yaml"
)


class ArrivingTable(Protocol):
    """A table of a source.

    header: its columns, as it spells them. arriving: under legal names, in the types that bronze has, and DELETED.
    """

    @property
    def display_name(self) -> str: ...

    @property
    def header(self) -> list[str]: ...

    @property
    def arriving(self) -> pa.Schema: ...


def make_arriving(header: list[str], types: Sequence[pa.DataType]) -> pa.Schema:
    """Make the columns that arrive of a table: under legal names, and DELETED, which none of them may be called."""
    added, *own = make_fields([DELETED, *header], [pa.bool_(), *types])
    return pa.schema([*own, added])


class ChangelogColumns:
    """The columns of one table. optional: those that a mapping reads and that may be missing."""

    def __init__(self, bronze: BronzeTable, table: ArrivingTable, optional: Sequence[str]) -> None:
        self._bronze, self._table, self._optional = bronze, table, optional

    @cached_property
    def common(self) -> CommonColumns:
        """The columns that bronze has from now on. Raises SourceError where types do not go together."""
        before = self._bronze.schema() if self._bronze.exists else None
        return find_common_columns([(self._table.display_name, self._table.arriving)], before, _LIKE_BEFORE)

    @cached_property
    def has_new(self) -> bool:
        """Whether there are columns that bronze has not: they come with the next rows, or else by themselves."""
        return self._bronze.exists and not set(self.common.schema.names) <= set(self._bronze.schema().names)

    def name_in_bronze(self, names: Sequence[str]) -> list[str]:
        """Return columns of the table as bronze spells them."""
        spelling = {fold_name(name): name for name in self.common.schema.names}
        legal = dict(zip(self._table.header, self._table.arriving.names, strict=False))
        return [spelling[fold_name(legal[name])] for name in names]

    def write_values(self, read: Callable[[int], str], is_gone: str = "false") -> str:
        """Write what a select of the table's rows lists. read: a column's value by its number. is_gone: of a row."""
        place = {fold_name(name): number for number, name in enumerate(self._table.arriving.names)}
        listed = []
        for field in self.common.schema:
            number = place.get(fold_name(field.name))
            value = "null" if number is None else is_gone if field.name == DELETED else read(number)
            listed.append(f"{value}::{sql_type(field.type)} as {quote_identifier(field.name)}")
        return ", ".join(listed)

    def list_compared(self) -> list[str]:
        """List the columns that tell whether a row has changed."""
        here = {fold_name(name) for name in self._table.arriving.names}
        gone = [name for name in self.common.schema.names if fold_name(name) not in here]
        # Bronze alone has these optional columns; that they are missing from the table is no change.
        unseen = set(find_missing_columns(gone, self._list_missing()))
        return [name for name in self.common.schema.names if name not in unseen and name != DELETED]

    def list_warnings(self) -> Iterator[str]:
        """List what changed since the last landing, and which optional columns the table lacks."""
        name = self._table.display_name
        yield from self.common.drift
        for column in self._list_missing():
            yield f"{name} has no column {column!r} (optional); it is NULL there"
        for column in self._list_dropped():
            yield f"{name}: the column {column!r} was dropped; bronze keeps earlier values"

    def _list_missing(self) -> list[str]:
        """Optional columns that the table has not, under their names in bronze where it knows them."""
        return find_missing_columns(self._optional, self._table.header)

    def _list_dropped(self) -> list[str]:
        here = {fold_name(name) for name in self._table.arriving.names}
        gone = [name for name in self.common.schema.names if fold_name(name) not in here]
        return find_missing_columns(gone, self._list_missing())
