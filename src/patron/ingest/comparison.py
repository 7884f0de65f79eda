"""What of a read is new, changed or gone, against the latest row of each key that bronze holds.

Both sides are reduced to the key and a hash of 64 bits of the row's values, so what must be remembered is small, and
what does not fit in memory goes to disk. A changed value goes unnoticed once in 10^19 changes.

A change comes to bronze as two rows: one that says that the old version is gone, with its values, and the new one. So
a mapping that leaves rows out (`where`) or that takes another column for the key of a thing follows each change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from patron.ingest.quoting import quote_identifier, quote_literal
from patron.lake import DELETED
from patron.lake.arrow_types import sql_type

if TYPE_CHECKING:
    import duckdb

_BATCH_ROWS = 2**16


@dataclass(frozen=True)
class Read:
    """A read of a table. sql: a select of its rows with every column of bronze, by the engine.

    columns: those of bronze, with their types. compared: those that tell whether a row has changed.
    key: those that tell rows apart; none: only a row's whole content does. is_full: whether all rows are read, so
    that those which do not come are gone.
    """

    sql: str
    columns: pa.Schema
    compared: Sequence[str]
    key: Sequence[str]
    is_full: bool


class Comparison:
    """Of a read with bronze; `rows_read` is known once it is done."""

    def __init__(self, engine: duckdb.DuckDBPyConnection, read: Read, bronze: Iterable[Path]) -> None:
        self._engine, self._read = engine, read
        self._bronze = _select_bronze(engine, read.columns, list(bronze))
        self.rows_read = 0

    def compare(self) -> None:
        """Find what changed; the server is queried here and never later."""
        self._engine.execute("set disabled_optimizers = 'build_side_probe_side'")  # what bronze holds is the smaller
        if not self._read.key:
            self._compare_by_content()
        elif self._read.is_full:
            self._compare_in_full_by_key()
        else:
            self._compare_incrementally_by_key()

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Versions that are gone, then new rows, so that these stay the newer ones."""
        own = ", ".join(quote_identifier(name) for name in self._read.columns.names if name != DELETED)
        gone = "select _old_row_key from differing where _old_row_key is not null"
        listed = f"{own}, true as {DELETED}"
        yield from self._stream(f"select {listed} from ({self._bronze}) as held where _row_key in ({gone})")
        yield from self._stream(f"select {own}, false as {DELETED} from differing where _is_here")

    def _stream(self, sql: str) -> Iterator[pa.RecordBatch]:
        yield from self._engine.execute(sql).to_arrow_reader(_BATCH_ROWS)

    def _compare_in_full_by_key(self) -> None:
        self._engine.execute(f"create temp table held as {self._select_held(self._bronze)}")
        self._select_differing(f"({self._select_fresh()})", "full")
        (held,) = self._one("select count(*) from held where not _is_gone")
        (new, gone) = self._one(
            "select count(*) filter (where _is_here and _old_row_key is null), count(*) filter (where not _is_here) "
            "from differing"
        )
        self.rows_read = held + new - gone

    def _compare_incrementally_by_key(self) -> None:
        self._engine.execute(f"create temp table fresh as {self._select_fresh()}")
        (self.rows_read,) = self._one("select count(*) from fresh")
        known = f"select * from ({self._bronze}) as held semi join fresh on {self._same_key('held', 'fresh')}"
        self._engine.execute(f"create temp table held as {self._select_held(known)}")
        self._select_differing("fresh", "left")

    def _select_differing(self, fresh: str, join: str) -> None:
        self._engine.execute(f"""
            create temp table differing as
            select fresh.* exclude (_content, _is_here), coalesce(fresh._is_here, false) as _is_here,
                current._row_key as _old_row_key
            from {fresh} as fresh
            {join} join (select * from held where not _is_gone) as current
                on {self._same_key("fresh", "current")}
            where fresh._content is null or current._content is null or fresh._content <> current._content
        """)

    def _compare_by_content(self) -> None:
        """A row is new where the table has more of the same than ever landed."""
        self._engine.execute(f"create temp table fresh as {self._select_fresh(_hash_twice)}")
        (self.rows_read,) = self._one("select count(*) from fresh")
        content = f"{_hash_twice(self._read.compared)} as _content"
        self._engine.execute(f"""
            create temp table differing as
            with
                held as (select {content} from ({self._bronze}) as held where not coalesce({DELETED}, false)),
                counted as (select _content, count(*) as copies from held group by _content),
                numbered as (select *, row_number() over (partition by _content) as _copy from fresh)
            select numbered.*, null::bigint as _old_row_key
            from numbered left join counted on numbered._content = counted._content
            where numbered._copy > coalesce(counted.copies, 0)
        """)

    def count_vanished(self) -> int:
        """Count the rows that bronze has more of than the read, where only whole rows are compared."""
        held = f"select {_hash_twice(self._read.compared)} as _content from ({self._bronze}) as held"
        (count,) = self._one(f"""
            select coalesce(sum(greatest(held.copies - coalesce(here.copies, 0), 0)), 0)::bigint
            from (
                select _content, count(*) as copies from ({held} where not coalesce({DELETED}, false)) group by _content
            ) as held
            left join (select _content, count(*) as copies from fresh group by _content) as here
                on held._content = here._content
        """)
        return count

    def _select_fresh(self, content: object = None) -> str:
        hashed = (content or _hash)(self._read.compared)  # type: ignore[operator]
        return f"select *, {hashed} as _content, true as _is_here from ({self._read.sql}) as arrived"

    def _select_held(self, rows: str) -> str:
        """The latest row of each key: its content, and whether it says that the row is gone."""
        key = ", ".join(quote_identifier(name) for name in self._read.key)
        return f"""
            select {key}, max(_row_key) as _row_key, arg_max(_content, _row_key) as _content,
                arg_max(_is_gone, _row_key) as _is_gone
            from (
                select {key}, _row_key, {_hash(self._read.compared)} as _content,
                    coalesce({DELETED}, false) as _is_gone
                from ({rows}) as held
            )
            group by {key}
        """

    def _same_key(self, one: str, other: str) -> str:
        return " and ".join(
            f"{one}.{quote_identifier(name)} is not distinct from {other}.{quote_identifier(name)}"
            for name in self._read.key
        )

    def _one(self, sql: str) -> tuple[int, ...]:
        (row,) = self._engine.execute(sql).fetchall()
        return tuple(row)


def _hash(columns: Sequence[str]) -> str:
    return f"hash({', '.join(quote_identifier(name) for name in columns)})"


def _hash_twice(columns: Sequence[str]) -> str:
    """128 bits, where any row may be confused with any other."""
    again = f"hash('again', {', '.join(quote_identifier(name) for name in reversed(columns))})"
    return f"struct_pack(one := {_hash(columns)}, other := {again})"


def _select_bronze(engine: duckdb.DuckDBPyConnection, columns: pa.Schema, files: list[Path]) -> str:
    """Every row of bronze, in the types that its columns have from now on."""
    listed = f"read_parquet([{', '.join(quote_literal(str(path)) for path in files)}], union_by_name = true)"
    held = {row[0] for row in engine.execute(f"describe select * from {listed}").fetchall()}
    own = (
        f"{name if field.name in held else 'null'}::{sql_type(field.type)} as {name}"
        for field in columns
        for name in [quote_identifier(field.name)]
    )
    return f"select {', '.join(own)}, _row_key from {listed}"
