"""Reads the table of subscriptions: one row each, with a customer, a start, an end, and maybe a price."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from patron.errors import SettingsError, SourceError, did_you_mean
from patron.predict.one_table import find_files, resolve_as_of

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from patron.predict.models.likelihood.arrays import Floats
    from patron.predict.subscriptions_file.periods import Days

_DO = "fix these rows, or leave them out, and run again"


@dataclass(frozen=True)
class Columns:
    """The names of the columns. amount: empty if there is none."""

    customer: str = "customer_id"
    start: str = "started_at"
    end: str = "ended_at"
    amount: str = ""


@dataclass(frozen=True)
class Subscriptions:
    """Subscriptions known on as_of_date, one entry each.

    end: NaT for those that have not ended by then. amount: per period; None without a column. rows: of the table.
    left_out: reason -> rows that are not subscriptions known by then.
    """

    customer: pa.ChunkedArray
    start: Days
    end: Days
    amount: Floats | None
    as_of_date: dt.date
    rows: int
    left_out: dict[str, int]

    @property
    def is_active(self) -> np.ndarray:
        """Return whether each has not ended, (n,)."""
        return np.isnat(self.end)


def read_subscriptions(files: str, names: Columns, as_of: str) -> Subscriptions:
    """Read Parquet or CSV files, a path or a pattern with *. as_of: latest (the last day in it), today, or a date.

    Raises SettingsError for missing columns, SourceError for files and values that cannot be read.
    """
    import duckdb

    paths = find_files(files)
    kind = "read_parquet" if all(path.lower().endswith((".parquet", ".pq")) for path in paths) else "read_csv"
    listed = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
    with duckdb.connect() as engine:
        try:
            engine.execute(f"create view given as select * from {kind}([{listed}], union_by_name = true)")
            _check_columns(engine, names, files)
            return _read(engine, names, files, as_of)
        except duckdb.Error as error:
            raise SourceError(f"The subscriptions cannot be read: {str(error).splitlines()[0]}", where=files) from error


def _read(engine: duckdb.DuckDBPyConnection, names: Columns, files: str, as_of: str) -> Subscriptions:
    amount = f"try_cast({_quote(names.amount)} as double)" if names.amount else "cast(null as double)"
    customer = f"nullif(trim(cast({_quote(names.customer)} as varchar)), '')"
    engine.execute(
        f"create table subscriptions as select {customer} as customer, "
        f"try_cast({_quote(names.start)} as timestamp)::date as started, "
        f"try_cast({_quote(names.end)} as timestamp)::date as ended, {amount} as amount from given"
    )
    _check_values(engine, names, files)
    rows, latest = engine.execute(_BOUNDS).fetchone() or (0, None)
    if latest is None:
        raise SourceError("No subscription has a start.", where=files, do="name the column with --start")
    day = resolve_as_of(as_of, latest)
    counts = engine.execute(_LEFT_OUT, [day]).fetchone() or (0, 0, 0)
    left_out = dict(zip(("without a customer", "without a start", "that start later"), counts, strict=True))
    found = engine.execute(_KNOWN, [day, day]).to_arrow_table()
    start, end = (found[name].to_numpy().astype("datetime64[D]") for name in ("started", "ended"))
    worth = found["amount"].to_numpy().astype(np.float64) if names.amount else None
    return Subscriptions(found["customer"], start, end, worth, day, rows, left_out)


def _check_columns(engine: duckdb.DuckDBPyConnection, names: Columns, files: str) -> None:
    known = [row[0] for row in engine.execute("describe given").fetchall()]
    for option in ("customer", "start", "end", "amount"):
        name = getattr(names, option)
        if name not in known and (name or option != "amount"):
            do = did_you_mean(name, known, f"name it with --{option}: {', '.join(known[:12])}", count=3)
            raise SettingsError(f"There is no column {name} (--{option}).", where=files, do=do)


def _check_values(engine: duckdb.DuckDBPyConnection, names: Columns, files: str) -> None:
    """Raise SourceError for text that is no time or amount, and for ends before starts."""
    wanted = [(names.start, "timestamp", "a time"), (names.end, "timestamp", "a time")]
    for name, kind, what in [*wanted, *([(names.amount, "double", "an amount")] if names.amount else [])]:
        text = f"nullif(trim(cast({_quote(name)} as varchar)), '')"
        bad = f"from given where {text} is not null and try_cast({_quote(name)} as {kind}) is null"
        count, first = engine.execute(f"select count(*), min({text}) {bad}").fetchone() or (0, None)
        if count:
            raise SourceError(f"{count:,} values of {name} are not {what}, such as '{first}'.", where=files, do=_DO)
    count, first = engine.execute(_REVERSED).fetchone() or (0, None)
    if count:
        raise SourceError(f"{count:,} subscriptions end before they start, such as {first}.", where=files, do=_DO)


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


_BOUNDS = "select count(*), greatest(max(started), coalesce(max(ended), max(started))) from subscriptions"
_REVERSED = "select count(*), min(concat(customer, ' on ', started)) from subscriptions where ended < started"
_LEFT_OUT = """
select
    count(case when customer is null then 1 end),
    count(case when customer is not null and started is null then 1 end),
    count(case when customer is not null and started > $1 then 1 end)
from subscriptions
"""
_KNOWN = """
select customer, started, case when ended <= $1 then ended end as ended, amount
from subscriptions
where customer is not null and started <= $2
order by customer, started, ended, amount
"""
