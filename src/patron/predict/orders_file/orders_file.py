"""Opens the orders table: its files, its three columns and their types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from patron.errors import SettingsError, SourceError, did_you_mean
from patron.predict.one_table import find_files

if TYPE_CHECKING:
    import duckdb

_DIGITS = 18
_BLOCK_BYTES = 8 * 2**20
_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")
_UNREADABLE_DO = "fix these rows, or leave them out, and run again"


@dataclass(frozen=True)
class Columns:
    """The names of the three columns."""

    customer: str = "customer_id"
    at: str = "ordered_at"
    amount: str = "amount"


@dataclass(frozen=True)
class Orders:
    """The source of orders.

    relation: SQL for a `from` clause, with columns customer, ordered_at and amount. kind: the type of customer. scale:
    the factor that makes amounts integers.
    """

    relation: str
    kind: str
    scale: int

    @property
    def has_integer_ids(self) -> bool:
        """Return whether customer ids are integers."""
        return self.kind in _INTEGERS

    @property
    def is_customer(self) -> str:
        """Return SQL that is true for customers; blank, null and NaN are guests."""
        if self.has_integer_ids:
            return "customer is not null"
        if self.kind in ("DOUBLE", "FLOAT"):
            return "not isnan(customer)"
        return "trim(cast(customer as varchar)) <> ''"


def open_orders(engine: duckdb.DuckDBPyConnection, files: str, names: Columns, scratch: Path) -> Orders:
    """Open Parquet or CSV files. files: a path, or a pattern with *. scratch: a folder for converted text.

    Raises SettingsError for missing columns, SourceError for files and values that cannot be read.
    """
    paths = find_files(files)
    reader = _choose_reader(engine, paths, files)
    types = _query_types(engine, reader, names, files)
    customer, at, amount = (_quote(name) for name in (names.customer, names.at, names.amount))
    if types[names.at] == "VARCHAR" or types[names.amount] == "VARCHAR" or not reader.startswith("read_parquet"):
        read = reader, customer, _cast_time(at, types[names.at]), f"try_cast({amount} as decimal(18, 4))"
        relation = _convert(engine, read, (at, amount), files, scratch / "typed.parquet")
        return Orders(relation, _query_customer_kind(engine, relation), 10_000)
    columns = f"{customer} as customer, {_cast_time(at, types[names.at])} as ordered_at"
    relation = f"(select {columns}, {_cast_amount(amount, types[names.amount])} as amount from {reader})"
    return Orders(relation, types[names.customer], _choose_scale(types[names.amount]))


def _choose_reader(engine: duckdb.DuckDBPyConnection, paths: Sequence[str], files: str) -> str:
    import duckdb

    listed = "[" + ", ".join("'" + path.replace("'", "''") + "'" for path in paths) + "]"
    is_parquet = all(path.lower().endswith((".parquet", ".pq")) for path in paths)
    reader = (
        f"read_parquet({listed}, union_by_name = true)" if is_parquet else f"read_csv({listed}, union_by_name = true)"
    )
    if not is_parquet and any(map(_has_mixed_line_ends, paths)):
        reader = f"read_csv({listed}, union_by_name = true, strict_mode = false)"
    try:
        engine.execute(f"select * from {reader} limit 1").fetchone()
    except duckdb.Error as error:
        raise SourceError(f"The orders cannot be read: {str(error).splitlines()[0]}", where=files) from error
    return reader


def _has_mixed_line_ends(path: str) -> bool:
    """Whether lines end in two ways, which DuckDB reads only where it is not strict."""
    found = set[bool]()
    if path.lower().endswith((".gz", ".zst")):
        return False
    with Path(path).open("rb") as file:
        while len(found) < 2 and (block := file.read(_BLOCK_BYTES)):
            windows = block.count(b"\r\n")
            found |= {True} if windows else set()
            found |= {False} if block.count(b"\n") > windows + block.startswith(b"\n") else set()
    return len(found) == 2


def _query_types(engine: duckdb.DuckDBPyConnection, reader: str, names: Columns, files: str) -> dict[str, str]:
    """Return the type of each named column. Raises SettingsError, SourceError."""
    types = {row[0]: row[1] for row in engine.execute(f"describe select * from {reader}").fetchall()}
    for option in ("customer", "at", "amount"):
        name = getattr(names, option)
        if name not in types:
            listed = f"name it with --{option}: {', '.join(list(types)[:12])}"
            do = did_you_mean(name, types, listed, count=3)
            raise SettingsError(f"There is no column {name} (--{option}).", where=files, do=do)
    kinds = {name: types[name] for name in (names.customer, names.at, names.amount)}
    if not kinds[names.at].startswith(("DATE", "TIMESTAMP", "VARCHAR")):
        raise SourceError(f"{names.at} is {kinds[names.at]}, not a time.", where=files, do="name another with --at")
    if not kinds[names.amount].startswith(("DECIMAL", "DOUBLE", "FLOAT", "HUGEINT", "UBIGINT", "VARCHAR", *_INTEGERS)):
        what = f"{names.amount} is {kinds[names.amount]}, not an amount."
        raise SourceError(what, where=files, do="name another with --amount")
    return kinds


def _convert(
    engine: duckdb.DuckDBPyConnection, read: tuple[str, str, str, str], texts: tuple[str, str], files: str, to: Path
) -> str:
    """Convert text to times and amounts, once, into a Parquet file; return SQL for `from`. Raises SourceError."""
    import duckdb

    reader, customer, at, amount = read
    kept = "case when {text} is not null and {value} is null then cast({text} as varchar) end as {name}"
    bad = (
        kept.format(text=texts[0], value=at, name="bad_at"),
        kept.format(text=texts[1], value=amount, name="bad_amount"),
    )
    columns = f"{customer} as customer, {at} as ordered_at, {amount} as amount"
    try:
        engine.execute(f"copy (select {columns}, {', '.join(bad)} from {reader}) to '{to}' (format parquet)")
    except duckdb.Error as error:
        raise SourceError(f"The orders cannot be read: {str(error).splitlines()[0]}", where=files) from error
    relation = f"read_parquet('{to}')"
    for name, what in (("bad_at", "a time"), ("bad_amount", "an amount")):
        count, first = _query_row(engine, f"select count({name}), min({name}) from {relation}")
        if count:
            raise SourceError(f"{count:,} values are not {what}, such as '{first}'.", where=files, do=_UNREADABLE_DO)
    return relation


def _query_customer_kind(engine: duckdb.DuckDBPyConnection, relation: str) -> str:
    return str(engine.execute(f"describe select customer from {relation}").fetchall()[0][1])


def _cast_time(column: str, kind: str) -> str:
    if kind == "VARCHAR":
        return f"try_cast({column} as timestamp)"
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"make_timestamp(epoch_us({column}))"
    return column


def _cast_amount(column: str, kind: str) -> str:
    """Cast amounts that cannot be multiplied exactly: wide decimals and 32-bit floats."""
    if kind.startswith("DECIMAL") and int(kind[len("DECIMAL(") :].split(",", maxsplit=1)[0]) > _DIGITS:
        return f"cast({column} as decimal({_DIGITS}, 4))"
    return f"cast({column} as double)" if kind == "FLOAT" else column


def _choose_scale(kind: str) -> int:
    """Choose the factor that makes amounts integers: 10,000 as in a run, or less if amounts are coarser."""
    if kind.startswith("DECIMAL"):
        places = int(kind.rstrip(")").split(",")[1])
        return int(10 ** min(places, 4))
    return 1 if kind in _INTEGERS else 10_000


def _query_row(engine: duckdb.DuckDBPyConnection, sql: str) -> tuple[object, ...]:
    found: tuple[object, ...] | None = engine.execute(sql).fetchone()
    assert found is not None
    return found


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
