"""The record of an audience around its list, and which days of it are measured; by hand."""

from __future__ import annotations

import contextlib
import datetime as dt
from types import SimpleNamespace
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from patron.activate import effect
from patron.activate.record import Record, keep_record, load_members, load_records

MEMBERS = pa.table({"customer_id": ["ann", "bob"], "is_held_out": [False, True], "place": [1, 2]})
FACTS: dict[str, Any] = {
    **{"name": "At Risk", "definition": {}, "made_at": "2024-03-01T00:00:00+00:00", "as_of": "2024-02-29"},
    **{"snapshot": "1Z", "counted_after": "2024-02-29", "measure_days": 30, "seed": 1, "holdout": 0.5},
    **{"people": 2, "treatment": 1, "held_out": 1},
}


def test_the_record_is_there_while_the_list_is_written(tmp_path):
    with keep_record(tmp_path, FACTS, MEMBERS) as record:
        assert [one.id for one in load_records(tmp_path)] == [record.id]
        assert load_members(tmp_path, record) == MEMBERS
    assert load_records(tmp_path) == [record]


def test_a_list_that_could_not_be_written_leaves_no_record(tmp_path):
    with pytest.raises(RuntimeError), keep_record(tmp_path, FACTS, MEMBERS):
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("last", "is_open"),
    [(None, True), ("2024-02-29", True), ("2024-03-29", True), ("2024-03-30", False), ("2024-04-01", False)],
)
def test_a_measurement_ends_with_its_thirtieth_day(last, is_open):
    record = Record("a-1", **FACTS)
    assert record.counted_until == dt.date(2024, 3, 30)
    assert record.is_open(last and dt.date.fromisoformat(last)) == is_open
    nobody = Record("a-1", **{**FACTS, "held_out": 0})
    assert not nobody.is_open(dt.date(2024, 3, 1))


def test_orders_from_the_day_after_the_export_to_the_last_day_are_measured(monkeypatch):
    orders = [
        ("ann", "2024-02-29", 1),
        ("ann", "2024-03-01", 10),
        ("ann", "2024-03-30", 100),
        ("ann", "2024-03-31", 1000),
    ]
    gold = duckdb.connect()
    gold.execute(
        "create table fct_orders (order_id text, customer_id text, order_date date, order_amount decimal(18, 4))"
    )
    for number, (who, day, amount) in enumerate(orders):
        gold.execute("insert into fct_orders values (?, ?, ?, ?)", [number, who, day, amount])
    monkeypatch.setattr("patron.publish.reader.open_published", lambda _: contextlib.nullcontext(gold))
    monkeypatch.setattr(effect, "load_members", lambda *_: MEMBERS)
    found, last = effect._load_purchases(SimpleNamespace(published=None, audiences=None), Record("a-1", **FACTS))
    assert last == dt.date(2024, 3, 31)
    assert (found["is_held_out"], found["bought"], found["orders"]) == ([False, True], [True, False], [2, 0])
    assert found["order_amount"] == [110, 0]


@pytest.mark.parametrize(
    ("last", "days"), [("2024-02-28", 0), ("2024-02-29", 0), ("2024-03-01", 1), ("2024-04-30", 30)]
)
def test_days_are_counted_up_to_those_that_are_measured(last, days):
    assert effect._count_days(Record("a-1", **FACTS), dt.date.fromisoformat(last)) == days
