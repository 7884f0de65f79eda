"""Groups orders by customer, in as few passes over the table as memory allows."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from patron.errors import SourceError
from patron.predict.one_table import resolve_as_of
from patron.predict.orders_file.buyers import Buyers
from patron.predict.orders_file.packed_sort import fetch_sorted
from patron.predict.orders_file.packing import Packing
from patron.predict.orders_file.result import LeftOut

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from patron.predict.orders_file.orders_file import Orders

_SPARE = 0.01
_MOST_AMOUNT = 10**14
"""As in the tables of a run: 18 digits, four of which are decimals."""


@dataclass(frozen=True)
class GroupedOrders:
    """The customers who bought by as_of_date.

    not_buyers: the number of customers who kept nothing that they paid for. first_date: day 0. scale: units per 1 of
    the currency. ids: returns the ids of some codes as an array.
    """

    buyers: Buyers
    not_buyers: int
    first_date: dt.date
    as_of_date: dt.date
    scale: int
    rows: int
    left_out: LeftOut
    ids: Callable[[Any], pa.Array]


def group_orders(
    engine: duckdb.DuckDBPyConnection, orders: Orders, as_of: str, *, rows_a_pass: int, threads: int
) -> GroupedOrders:
    """Group orders by customer. Raises SourceError if no order has a known customer, or an amount is not a number."""
    seen = _Seen.of(engine, orders)
    day = resolve_as_of(as_of, seen.last_date)
    if day < seen.first_date:
        raise SourceError(
            f"There are no orders up to {day}; the first is on {seen.first_date}.", do="use a later --as-of"
        )
    chosen = f"customer is not null and ordered_at is not null and amount is not null and ordered_at < date '{day}' + 1"
    relation, codes, ids = _encode_customers(engine, orders, seen)
    packing = Packing.of(codes, (min(day, seen.last_date) - seen.first_date).days + 1, seen.least, seen.most)
    if packing is None:
        raise SourceError(f"{codes:,} customers over {day - seen.first_date} are too many.")
    units = f"cast(amount * {orders.scale} as bigint)" if orders.scale > 1 else "cast(amount as bigint)"
    number = packing.sql("code", f"cast(cast(ordered_at as date) - date '{seen.first_date}' as bigint)", units)
    passes = max(1, -(-seen.rows // rows_a_pass))
    parts, count, known = [], 0, 0
    for turn in range(passes):
        own = f"{chosen} and code % {passes} = {turn}" if passes > 1 else chosen
        expected = int(seen.rows / passes * (1 + _SPARE * (passes > 1)))
        found = fetch_sorted(engine, f"select {number} as packed from {relation} where {own}", expected, threads)
        count += len(found)
        if len(found):
            everyone = Buyers.of(found, packing, threads)
            del found
            parts.append(everyone.filter(everyone.purchase_days > 0))
            known += len(everyone.code)
    left_out = _count_left_out(engine, orders, day) if count < seen.rows else LeftOut()
    if not parts:
        what = f"None of {seen.rows:,} orders has a customer, a time up to {day} and an amount."
        raise SourceError(what, do="name the columns with --customer, --at and --amount")
    buyers = Buyers.concatenate(parts) if passes > 1 else parts[0]
    if not packing.holds_all:
        _add_rest(engine, buyers, f"from {relation} where {chosen}", packing.rest_sql(units))
    return GroupedOrders(buyers, known - len(buyers.code), seen.first_date, day, orders.scale, seen.rows, left_out, ids)


@dataclass(frozen=True)
class _Seen:
    """Statistics of the orders table. least, most: amounts, in units."""

    rows: int
    first_id: Any
    last_id: Any
    first_date: dt.date
    last_date: dt.date
    least: int
    most: int

    @classmethod
    def of(cls, engine: duckdb.DuckDBPyConnection, orders: Orders) -> _Seen:
        ids = "min(customer), max(customer)" if orders.has_integer_ids else "null, null"
        ends = "min(ordered_at)::date, max(ordered_at)::date, min(amount), max(amount)"
        found = engine.execute(f"select count(*), {ids}, {ends} from {orders.relation}").fetchall()[0]
        rows, first_id, last_id, first, last, least, most = found
        if not rows:
            raise SourceError("The orders table has no rows.", do="name files that have rows")
        if first is None or least is None:
            what = "a time" if first is None else "an amount"
            raise SourceError(f"None of {rows:,} orders has {what}.", do="name another column with --at or --amount")
        if not (abs(least) < _MOST_AMOUNT and abs(most) < _MOST_AMOUNT):  # NaN, too
            what = f"Amounts go from {least} to {most}; they must be numbers below 10^14."
            raise SourceError(what, do="fix these rows, or leave them out, and run again")
        return cls(
            rows, first_id, last_id, first, last, math.floor(least * orders.scale), math.ceil(most * orders.scale)
        )


def _encode_customers(
    engine: duckdb.DuckDBPyConnection, orders: Orders, seen: _Seen
) -> tuple[str, int, Callable[[Any], pa.Array]]:
    """Number the customers from 0; return SQL of the orders, a bound of the numbers, and a function back to ids."""
    import pyarrow as pa

    days = (seen.last_date - seen.first_date).days + 1
    if orders.has_integer_ids and seen.first_id is not None:
        first, codes = seen.first_id, seen.last_id - seen.first_id + 1
        if Packing.of(codes, days, seen.least, seen.most) is not None:
            code = f"cast(customer as bigint) - ({first})"
            relation = f"(select *, {code} as code from {orders.relation})"
            return relation, codes, lambda wanted: pa.array(wanted + first)
    engine.execute(
        "create or replace temp table known as select customer, row_number() over () - 1 as code "
        f"from (select distinct customer from {orders.relation}) where {orders.is_customer}"
    )
    known = engine.execute("select customer from known order by code").to_arrow_table().column(0).combine_chunks()
    relation = f"(select orders.*, known.code from {orders.relation} as orders inner join known using (customer))"
    return relation, max(len(known), 1), known.take


def _add_rest(engine: duckdb.DuckDBPyConnection, buyers: Buyers, orders: str, rest: str) -> None:
    """Add the remainders of amounts that were too large to pack."""
    sums = f"select code, sum({rest})::bigint as rest, {rest} > 0 as is_spent"
    sql = f"{sums} {orders} and {rest} <> 0 group by code, is_spent"
    order = np.argsort(buyers.code)
    for code, amount, is_spent in engine.execute(sql).fetchall():
        place = np.searchsorted(buyers.code, code, sorter=order)
        if place < len(order) and buyers.code[order[place]] == code:  # else they never bought
            (buyers.spent if is_spent else buyers.refunded)[order[place]] += amount


def _count_left_out(engine: duckdb.DuckDBPyConnection, orders: Orders, day: dt.date) -> LeftOut:
    reasons = (
        f"({orders.is_customer}) is not true",
        "ordered_at is null",
        "amount is null",
        f"ordered_at >= date '{day}' + 1",
    )
    counts = ", ".join(f"count(*) filter ({reason})" for reason in reasons)
    return LeftOut(*engine.execute(f"select {counts} from {orders.relation}").fetchall()[0])


def compute_rows_per_pass(memory_bytes: int) -> int:
    """Compute the number of rows that a pass may hold: they get half of the memory."""
    return max(memory_bytes // 2 // np.dtype(np.int64).itemsize, 1 << 16)
