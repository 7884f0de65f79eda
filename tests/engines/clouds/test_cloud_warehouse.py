"""The engine over each client: rows go there and come back as they were, and groups are replaced in one step."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import ExitStack
from decimal import Decimal
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engines.clouds import clouds
from patron.engines.clouds.warehouse import CloudWarehouse
from patron.engines.registry import open_warehouse
from patron.errors import EngineError
from patron.lake import Lake, Position
from patron.project.settings.warehouse import Warehouse as WarehouseSettings

ROWS = pa.table(
    {
        "customer_id": pa.array(["a", "b\\'\n", None]),
        "amount": pa.array([Decimal("1.5000"), None, Decimal("-3.2500")], pa.decimal128(38, 4)),
        "order_count": pa.array([2**40, None, 0], pa.int64()),
        "rate": pa.array([0.1, None, 1e300], pa.float64()),
        "is_new": pa.array([True, None, False]),
        "order_date": pa.array([dt.date(2024, 2, 29), None, dt.date(1970, 1, 1)]),
        "ordered_at": pa.array([dt.datetime(2024, 2, 29, 23, 59, 59, 999999), None, None], pa.timestamp("us")),
    }
)


@pytest.fixture(params=clouds.ALL)
def warehouse(request, tmp_path, monkeypatch) -> Iterator[CloudWarehouse]:
    (tmp_path / "volumes").mkdir()
    with ExitStack() as stack:
        clouds.start(request.param, stack, monkeypatch, tmp_path / "volumes")
        settings = SimpleNamespace(warehouse=WarehouseSettings(engine=request.param))
        opened = open_warehouse(SimpleNamespace(settings=settings, state=tmp_path))
        stack.callback(opened.close)
        yield opened


def plain(rows: pa.Table) -> list[str]:
    """Rows in an order of their own; a decimal without zeros at its end."""
    return sorted(
        repr([value.normalize() if isinstance(value, Decimal) else value for value in row.values()])
        for row in rows.to_pylist()
    )


def list_rows(warehouse: CloudWarehouse, select: str) -> list[tuple]:
    return [tuple(row.values()) for row in warehouse.query(select).to_pylist()]


def test_rows_come_back_as_they_were_written(warehouse, tmp_path):
    warehouse.write("gold", "kinds", ROWS)
    warehouse.append("gold", "kinds", ROWS.slice(0, 1))
    assert warehouse.export("gold", ["kinds"], tmp_path) == {"kinds": 4}
    back = pq.read_table(tmp_path / "kinds.parquet")
    assert plain(back) == plain(pa.concat_tables([ROWS, ROWS.slice(0, 1)]))


def test_contents_are_equal_for_equal_rows_in_any_order(warehouse):
    warehouse.write("gold", "one", ROWS)
    warehouse.write("gold", "two", pa.concat_tables([ROWS.slice(2), ROWS.slice(0, 2)]))
    warehouse.write("gold", "three", ROWS.slice(1))
    found = warehouse.contents("gold", ["one", "two", "three"])
    assert found["one"] == found["two"] != found["three"]


def test_a_table_takes_the_place_of_a_view_and_back(warehouse):
    warehouse.make_view("silver", "orders", "select 1 as n")
    warehouse.make_table("silver", "orders", "select 2 as n")
    assert list_rows(warehouse, "select n from silver.orders") == [(2,)]
    warehouse.make_view("silver", "orders", "select 3 as n")
    assert list_rows(warehouse, "select n from silver.orders") == [(3,)]
    assert warehouse.exists("silver", "orders")
    assert not warehouse.exists("silver", "absent")


def test_a_wrong_statement_leaves_the_table_as_it_was(warehouse):
    warehouse.make_table("silver", "orders", "select 2 as n")
    with pytest.raises(EngineError):
        warehouse.make_table("silver", "orders", "select absent from silver.orders")
    assert list_rows(warehouse, "select n from silver.orders") == [(2,)]


def test_groups_are_replaced_and_the_removed_rows_kept(warehouse):
    warehouse.make_table(
        "silver",
        "days",
        "select 'a' as k, 1 as n union all select 'a', 2 union all select 'b', 3 union all select 'c', 4",
    )
    warehouse.make_table("changes", "removed_days", "select * from silver.days where 1 = 0")
    with warehouse.create_temporary(
        "affected_days", "select 'a' as k union all select 'b' union all select 'new'"
    ) as name:
        select = "select 'a' as k, 10 as n union all select 'new', 11"
        warehouse.replace_groups("silver.days", select, ["k"], name, removed="changes.removed_days")
    assert sorted(list_rows(warehouse, "select k, n from silver.days")) == [("a", 10), ("c", 4), ("new", 11)]
    assert sorted(list_rows(warehouse, "select k, n from changes.removed_days")) == [("a", 1), ("a", 2), ("b", 3)]
    warehouse.empty("changes.removed_days")
    assert list_rows(warehouse, "select k from changes.removed_days") == []


def land(lake: Lake, batch: int, rows: list[str], **more: list[str]) -> None:
    count = len(rows)
    table = pa.table({"Receipt No": rows, **more, "_batch_id": pa.array([batch] * count, pa.int64())})
    lake.table("till").append(
        table.to_reader(), positions=[Position(f"p{batch}", origin="f", rows=count)], batch_id=batch
    )


def test_bronze_follows_the_lake(warehouse, tmp_path):
    lake = Lake(tmp_path / "lake")
    name = warehouse.client.quote("Receipt No")
    land(lake, 1, ["1", "2"])
    warehouse.expose_bronze(lake, ["till"])
    warehouse.client.execute(f"update bronze.till set {name} = 'kept' where {name} = '1'")
    land(lake, 2, ["3"])
    warehouse.expose_bronze(lake, ["till"])  # loads the second batch alone
    assert sorted(list_rows(warehouse, f"select {name}, _batch_id from bronze.till")) == [
        ("2", 1),
        ("3", 2),
        ("kept", 1),
    ]
    warehouse.client.execute(f"delete from bronze.till where {name} = '2'")
    warehouse.expose_bronze(lake, ["till"])  # the counts do not agree, so all rows are loaded
    assert sorted(list_rows(warehouse, f"select {name} from bronze.till")) == [("1",), ("2",), ("3",)]
    land(lake, 3, ["4"], shop=["x"])
    warehouse.expose_bronze(lake, ["till"])
    assert (
        len(list_rows(warehouse, f"select {name} from bronze.till where {warehouse.client.quote('shop')} is null")) == 3
    )
