"""The protocol of a client of a warehouse in the cloud: statements, rows as Arrow, and Parquet files to load."""

from __future__ import annotations

import contextlib
import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, ClassVar

from patron.errors import EngineError, PatronError

if TYPE_CHECKING:
    import pyarrow as pa

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")
_LONGEST_CAUSE = 400


class CloudClient(ABC):
    """One session of a warehouse in the cloud. Tables are named schema.table, in the database of the account.

    engine: its name in patron.yaml, which is also that of its dialect. types: how its SQL writes a kind of type.
    """

    engine: ClassVar[str]
    types: ClassVar[Mapping[str, str]]

    def __init__(self) -> None:
        self._lock = RLock()

    @abstractmethod
    def execute(self, sql: str) -> None:
        """Run one statement. Raises EngineError."""

    @abstractmethod
    def query(self, sql: str) -> pa.Table:
        """Run one select and return its rows, with names in small letters. Raises EngineError."""

    @abstractmethod
    def load(self, schema: str, table: str, file: Path) -> None:
        """Append the rows of a Parquet file to a table that has its columns, in one step. Raises EngineError."""

    @abstractmethod
    def list_tables(self, schema: str) -> set[str]:
        """List the tables and views of a schema that exists. Raises EngineError."""

    @abstractmethod
    def close(self) -> None:
        """End the session."""

    def create_schema(self, schema: str) -> None:
        """Create a schema, unless it exists."""
        self.execute(f"create schema if not exists {schema}")

    def use_schema(self, schema: str) -> None:
        """Look in this schema for relations that are named without one."""
        self.execute(f"use schema {schema}")

    def quote(self, name: str) -> str:
        """Write the name of a column as the models write those of sources, which are quoted."""
        return f"`{name}`"

    def write_replacement(self, table: str, select: str) -> str:
        """Write one statement that replaces every row of a table: readers see the old ones or the new ones."""
        return f"insert overwrite into {table} {select}"

    def write_view(self, view: str, select: str, description: str, comments: Mapping[str, str]) -> str:
        """Write the statement that replaces a view. comments: column -> description, of every column in order."""
        listed = ", ".join(f"{self.name(name)} comment {self.literal(text)}" for name, text in comments.items())
        return f"create or replace view {view} ({listed}) comment {self.literal(description)} as {select}"

    def write_columns(self, schema: pa.Schema, quoted: Collection[str] = ()) -> str:
        """Write Arrow's columns as those of a new table. quoted: those that the models quote."""
        names = (self.quote(field.name) if field.name in quoted else self.name(field.name) for field in schema)
        kinds = (self.write_type(field.type) for field in schema)
        return ", ".join(f"{name} {kind}" for name, kind in zip(names, kinds, strict=True))

    def write_type(self, kind: pa.DataType) -> str:
        """Write an Arrow type in this SQL; what has no counterpart is text."""
        import pyarrow as pa

        if pa.types.is_decimal(kind):
            return self.write_decimal(kind.precision, kind.scale)
        if pa.types.is_timestamp(kind):
            return self.types["instant" if kind.tz else "time"]
        for is_kind, name in (
            (pa.types.is_boolean, "boolean"),
            (pa.types.is_integer, "whole"),
            (pa.types.is_floating, "double"),
            (pa.types.is_date, "date"),
        ):
            if is_kind(kind):
                return self.types[name]
        return self.types["text"]

    def write_decimal(self, digits: int, places: int) -> str:
        """Write the type of a decimal."""
        return f"decimal({digits}, {places})"

    def name(self, name: str) -> str:
        """Write the name of a column: as the models do, bare, where that is possible."""
        return f"`{name}`"

    def literal(self, text: str) -> str:
        """Write a text as a literal, on one line."""
        escaped = text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
        return "'" + self.escape_quote(escaped) + "'"

    def escape_quote(self, text: str) -> str:
        """Escape the quotes of a literal."""
        return text.replace("'", "\\'")

    @contextlib.contextmanager
    def explain(self, doing: str, errors: type[Exception] | tuple[type[Exception], ...]) -> Iterator[None]:
        """Translate errors of the driver inside the block to EngineError; one thread is in a session at a time."""
        try:
            with self._lock:
                yield
        except PatronError:
            raise
        except errors as error:
            cause = " ".join(str(error).split())[:_LONGEST_CAUSE]
            do = f"fix what {self.engine} says, then try again"
            raise EngineError(f"{self.engine}: {cause}", where=" ".join(doing.split())[:200], do=do) from error


def is_plain(name: str) -> bool:
    """Whether a name needs no quotes, in whichever case an engine folds it."""
    return _PLAIN.fullmatch(name) is not None


def lower_names(rows: pa.Table) -> pa.Table:
    """Return the rows with names in small letters, as the models write them."""
    return rows.rename_columns([name.lower() for name in rows.column_names])
