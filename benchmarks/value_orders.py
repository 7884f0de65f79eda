"""Draws an orders table from the models: python -m benchmarks.value_orders CUSTOMERS FOLDER whole|text"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from patron.simulate import histories

PURCHASES = {"r": 0.7, "alpha": 1.57, "a": 0.8, "b": 8.0}
"""MBG/NBD in weeks: about ten orders per customer; a fifth of the customers never return."""

SPEND = {"p": 6.25, "q": 3.74, "gamma": 15.44}
DAYS = 730
REFUNDED = 0.01
"""Share of orders with an amount below 0."""

_CUSTOMERS = 500_000
_FIRST_SECOND = 1_293_840_000  # 2011-01-01


def write_orders(customers: int, file: Path, *, as_text: bool = False) -> int:
    """Write order_id, customer_id, ordered_at and amount as Parquet, sorted by time. Returns the number of orders.

    as_text: customer_id is a text of 12 letters and digits, as shops have them.
    """
    rng = np.random.default_rng(7)
    customer = "'C' || lpad(cast(customer_id as varchar), 11, '0')" if as_text else "customer_id"
    with duckdb.connect(str(file.parent / "orders.duckdb")) as engine:
        engine.execute("set threads = 2; set memory_limit = '4GB'; set preserve_insertion_order = true")
        engine.execute("create table orders (customer_id bigint, second integer, cents integer)")
        for first in range(0, customers, _CUSTOMERS):
            engine.register("drawn", _drawn(first, min(_CUSTOMERS, customers - first), rng))
            engine.execute("insert into orders select * from drawn")
        engine.execute(
            f"""
            copy (
                select row_number() over () as order_id, {customer} as customer_id,
                    make_timestamp((second + {_FIRST_SECOND}::bigint) * 1000000) as ordered_at,
                    cast(cents / 100 as decimal(12, 2)) as amount
                from (select * from orders order by second)
            ) to '{file}' (format parquet)
            """
        )
        found = engine.execute("select count(*) from orders").fetchone()
    (file.parent / "orders.duckdb").unlink()
    assert found is not None
    return int(found[0])


def _drawn(first: int, customers: int, rng: np.random.Generator) -> pa.Table:
    """Draw the orders of some customers: the first, the last, and as many between them as the distribution gives."""
    age = rng.random(customers) * DAYS / 7
    x, last, age = histories.mbg_nbd(PURCHASES, age, rng)
    orders = x.astype(np.int64) + 1
    buyer = np.repeat(np.arange(customers), orders)
    after = rng.random(len(buyer)) * last[buyer]
    ends = np.cumsum(orders)
    after[ends - 1] = last
    after[ends - orders] = 0.0
    second = ((DAYS - age[buyer] * 7 + after * 7) * 86_400).astype(np.int32)
    per_unit = rng.standard_gamma(SPEND["q"], customers) / SPEND["gamma"]
    cents = np.maximum(np.rint(rng.standard_gamma(SPEND["p"], len(buyer)) / per_unit[buyer] * 100), 1).astype(np.int32)
    cents[rng.random(len(buyer)) < REFUNDED] *= -1
    return pa.table({"customer_id": buyer + first + 1, "second": np.minimum(second, DAYS * 86_400 - 1), "cents": cents})


if __name__ == "__main__":
    write_orders(int(sys.argv[1]), Path(sys.argv[2]) / "orders.parquet", as_text=sys.argv[3] == "text")
