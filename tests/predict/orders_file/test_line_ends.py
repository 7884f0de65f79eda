"""Orders whose lines end in two ways."""

from __future__ import annotations

import datetime as dt

import duckdb
import pytest

from patron.errors import SourceError
from patron.predict.one_table import resolve_as_of
from patron.predict.orders_file.orders_file import Columns, open_orders

ROWS = 200_000


@pytest.mark.parametrize(("first", "last"), [("\n", "\r\n"), ("\r\n", "\n"), ("\n", "\n"), ("\r\n", "\r\n")])
def test_every_row_is_read(tmp_path, first, last):
    file = tmp_path / "orders.csv"
    text = f"id,at,amount{first}" + f"a,2024-01-01,1.50{first}" * ROWS + f"b,2024-01-02,2{last}c,2024-01-03,3{first}"
    file.write_bytes(text.encode())
    engine = duckdb.connect()
    orders = open_orders(engine, str(file), Columns("id", "at", "amount"), tmp_path)
    counted = engine.execute(f"select count(*), count(distinct customer), max(ordered_at)::date from {orders.relation}")
    assert counted.fetchall() == [(ROWS + 2, 3, dt.date(2024, 1, 3))]


def test_orders_after_today_do_not_move_the_day():
    later = dt.date.today() + dt.timedelta(days=400)
    with pytest.raises(SourceError, match="after today"):
        resolve_as_of("latest", later)
    assert resolve_as_of("2024-01-01", later) == dt.date(2024, 1, 1)
