"""Orders grouped by sorting, beside the engine's own group-by: every customer, every day, every cent."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq
import pytest

from patron.predict.orders_file.group_orders import group_orders
from patron.predict.orders_file.orders_file import Columns, open_orders
from patron.predict.orders_file.packing import Packing
from transform.measures.refunded_orders import Document, find_refunded

LAST = "date '2024-12-31'"
ROWS = """
select customer_id, ordered_at::date as day, (amount * 100)::hugeint as cents
from orders where customer_id is not null and ordered_at::date <= {until}
"""


def orders(customers: int, *, ids: str = "whole", most: float = 500.0, seed: int = 1) -> pa.Table:
    """Some orders a customer in 2024, several on many days, refunds and free ones among them, guests as well."""
    rng = np.random.default_rng(seed)
    rows = customers * 12
    who = rng.integers(0, customers, rows) * (10**12 if ids == "wide" else 1)
    second = rng.integers(0, 60, rows) * 6 * 86_400 + rng.integers(0, 86_400, rows)
    cents = np.rint(rng.random(rows) ** 8 * most * 100).astype(np.int64) * rng.choice([1, 1, 1, -1, 0], rows)
    named = [f"C{n:05}" for n in who] if ids == "text" else who - 3
    at = np.datetime64("2024-01-01T00:00:00", "us") + second.astype("timedelta64[s]")
    amount = pa.array(cents / 100).cast(pa.decimal128(14, 2), safe=False)
    guest = rng.random(rows) < 0.05
    return pa.table({"customer_id": pa.array(named, mask=guest), "ordered_at": at, "amount": amount})


def by_sorting(table, folder, *, as_of="latest", rows_a_pass=1 << 30, threads=2):
    pq.write_table(table, folder / "orders.parquet")
    with duckdb.connect(config={"preserve_insertion_order": "false"}) as engine:
        read = open_orders(engine, str(folder / "orders.parquet"), Columns(), folder)
        found = group_orders(engine, read, as_of, rows_a_pass=rows_a_pass, threads=threads)
    buyers, first = found.buyers, found.first_date
    whole = zip(
        found.ids(buyers.code).to_pylist(),
        buyers.purchase_days.tolist(),
        [first + dt.timedelta(days=int(day)) for day in buyers.first_day],
        [first + dt.timedelta(days=int(day)) for day in buyers.last_day],
        (buyers.spent * 100 // found.scale).tolist(),
        (buyers.refunded * 100 // found.scale).tolist(),
        strict=True,
    )
    return sorted(whole), found


def by_hand(table, until=LAST):
    with duckdb.connect() as engine:
        engine.register("orders", table)
        rows = engine.execute(ROWS.format(until=until)).fetchall()
    receipts = [
        Document(customer, number, day, number, max(cents, 0), max(-cents, 0), None)
        for number, (customer, day, cents) in enumerate(rows)
    ]
    refunded = find_refunded(receipts)
    days, spent, back = defaultdict(set), defaultdict(int), defaultdict(int)
    for number, (customer, day, cents) in enumerate(rows):
        spent[customer] += max(cents, 0)
        back[customer] += min(cents, 0)
        if cents > 0 and number not in refunded:
            days[customer].add(day)
    return sorted((who, len(own), min(own), max(own), spent[who], back[who]) for who, own in days.items())


@pytest.mark.parametrize("ids", ["whole", "wide", "text"])
def test_every_customer_is_that_of_a_group_by(tmp_path, ids):
    table = orders(20_000, ids=ids)
    found, result = by_sorting(table, tmp_path)
    assert found == by_hand(table) and len(found) > 19_000
    assert result.left_out.guests == table["customer_id"].null_count > 0
    assert result.rows == table.num_rows and result.as_of_date == dt.date(2024, 12, 20)


@pytest.mark.parametrize("threads", [1, 3])
def test_several_passes_come_to_the_same(tmp_path, threads):
    table = orders(5_000)
    found, _ = by_sorting(table, tmp_path, rows_a_pass=7_000, threads=threads)
    assert found == by_hand(table)


def test_amounts_beyond_their_bits_are_summed_exactly(tmp_path):
    """12 digits beside 10,000 customers of wide ids do not fit; what is cut off is added again."""
    table = orders(10_000, ids="wide", most=9e11)
    found, _ = by_sorting(table, tmp_path)
    assert not Packing.of(10_000, 360, -(9 * 10**13), 9 * 10**13).holds_all
    assert found == by_hand(table)


def test_what_comes_after_as_of_is_not_known(tmp_path):
    table = orders(3_000)
    found, result = by_sorting(table, tmp_path, as_of="2024-05-01")
    assert found == by_hand(table, "date '2024-05-01'")
    assert result.left_out.later == sum(at.date() > dt.date(2024, 5, 1) for at in table["ordered_at"].to_pylist())


@pytest.mark.parametrize("kind", [pa.float32(), pa.float64(), pa.decimal128(38, 10), pa.decimal128(18, 4), pa.int32()])
def test_amounts_of_any_type_come_to_the_same(tmp_path, kind):
    table = orders(2_000)
    whole = pa.compute.round(table["amount"].cast(pa.float64())).cast(pa.decimal128(14, 2))
    table = table.set_column(2, "amount", whole)
    found, _ = by_sorting(table.set_column(2, "amount", whole.cast(kind)), tmp_path)
    assert found == by_hand(table)


def test_the_largest_amount_is_rounded_into_the_bits_that_there_are(tmp_path):
    """6.55355 is 65535.5 ten-thousandths: one more than 16 bits hold, once rounded."""
    at = [dt.datetime(2024, 1, 1), dt.datetime(2024, 1, 3)]
    found, _ = by_sorting(pa.table({"customer_id": [1, 2], "ordered_at": at, "amount": [1.0, 6.55355]}), tmp_path)
    assert [row[1:5] for row in found] == [(1, at[0].date(), at[0].date(), 100), (1, at[1].date(), at[1].date(), 655)]


def test_who_only_gave_back_or_got_for_free_is_no_buyer(tmp_path):
    at = dt.datetime(2024, 3, 1)
    rows = [(1, -5.0), (2, 0.0), (3, 7.5), (3, -1.0)]
    table = pa.table({"customer_id": [c for c, _ in rows], "ordered_at": [at] * 4, "amount": [a for _, a in rows]})
    found, result = by_sorting(table, tmp_path)
    assert found == [(3, 1, at.date(), at.date(), 750, -100)] and result.not_buyers == 2


def test_a_day_is_that_of_utc_where_times_have_a_zone(tmp_path):
    late = dt.datetime(2024, 3, 1, 23, 30, tzinfo=dt.timezone(dt.timedelta(hours=-2)))
    table = pa.table({"customer_id": [1], "ordered_at": [late], "amount": [1.0]})
    found, _ = by_sorting(table, tmp_path)
    assert found[0][2] == dt.date(2024, 3, 2)
