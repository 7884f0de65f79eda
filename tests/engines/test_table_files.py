"""Tables of DuckDB that are kept as Parquet files: what stays a table, and files that moved, were damaged or are gone."""

from __future__ import annotations

import os
import shutil
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from patron.engines.duckdb import DuckDBWarehouse
from patron.errors import EngineError
from shops.building import add_files

ROWS = (
    "select 1 as n, 'ann' as who, 2.50::decimal(38, 4) as amount, date '2024-02-29' as day, null::timestamp as at_time"
)


def warehouse(folder: Path) -> DuckDBWarehouse:
    folder.mkdir(exist_ok=True)
    settings = SimpleNamespace(warehouse=SimpleNamespace(memory_limit=None, threads=None))
    found = DuckDBWarehouse(SimpleNamespace(warehouse=folder / "warehouse.duckdb", settings=settings))
    with found._connect("schemas") as connection:
        connection.execute("create schema if not exists gold")
    return found


def make(shop: DuckDBWarehouse, sql: str = ROWS, table: str = "t") -> None:
    shop.make_table("gold", table, sql, is_replaced_whole=True)


def files(shop: DuckDBWarehouse) -> list[Path]:
    folder = shop.path.with_suffix(".tables")
    return sorted(folder.iterdir()) if folder.exists() else []


def test_a_table_that_is_replaced_whole_is_one_file_and_reads_as_the_same_rows(tmp_path):
    shop = warehouse(tmp_path)
    make(shop, "select 1 as n")
    make(shop)
    assert [file.name.split("-")[0] for file in files(shop)] == ["gold.t"]
    shop.make_table("gold", "own", ROWS)
    (same,) = shop.query("select count(*) as n from (from gold.t intersect from gold.own)")["n"].to_pylist()
    assert same == 1
    assert shop.query("from gold.t").schema == shop.query("from gold.own").schema
    assert len(set(shop.contents("gold", ["t", "own"]).values())) == 1
    assert len(files(shop)) == 1


@pytest.mark.parametrize("value", ["1::hugeint", "interval 1 day", "[1, 2]", "time '10:00'", "'a'::enum('a', 'b')"])
def test_types_that_parquet_would_change_stay_in_a_table(tmp_path, value):
    shop = warehouse(tmp_path)
    make(shop, f"select {value} as v")
    assert files(shop) == []
    (kind,) = shop.query("select typeof(v) as kind from gold.t")["kind"].to_pylist()
    with duckdb.connect() as connection:
        assert kind == connection.sql(f"select typeof({value})").fetchone()[0]


def test_a_table_becomes_a_file_and_a_table_and_a_view_again(tmp_path):
    shop = warehouse(tmp_path)
    shop.make_table("gold", "t", "select 1 as n")
    make(shop, "select 2 as n")
    assert shop.query("from gold.t")["n"].to_pylist() == [2]
    shop.make_table("gold", "t", "select 3 as n")
    assert (shop.query("from gold.t")["n"].to_pylist(), files(shop)) == ([3], [])
    make(shop, "select 4 as n")
    shop.make_view("gold", "t", "select 5 as n")
    assert (shop.query("from gold.t")["n"].to_pylist(), files(shop)) == ([5], [])


def test_a_select_that_fails_leaves_the_table_and_no_file(tmp_path):
    shop = warehouse(tmp_path)
    make(shop, "select 1 as n")
    before = files(shop)
    with pytest.raises(EngineError):
        make(shop, "select cast(who as int) as n from (select 'x' || range as who from range(10))")
    assert (files(shop), shop.query("from gold.t")["n"].to_pylist()) == (before, [1])


def test_a_copied_project_reads_its_own_files(tmp_path):
    first = warehouse(tmp_path / "it's, the first")
    make(first, "select 1 as n")
    shutil.copytree(first.path.parent, tmp_path / "second")
    make(first, "select 2 as n")
    second = warehouse(tmp_path / "second")
    assert second.query("from gold.t")["n"].to_pylist() == [1]
    assert second.find_damaged_tables() == []
    shutil.rmtree(first.path.parent)
    assert second.query("from gold.t")["n"].to_pylist() == [1]


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


@pytest.mark.parametrize("spoil", [flip, Path.unlink, lambda path: os.truncate(path, 10)])
def test_damaged_and_missing_files_are_found_and_others_are_not(tmp_path, spoil):
    shop = warehouse(tmp_path)
    make(shop)
    make(shop, table="u")
    assert shop.find_damaged_tables() == []
    spoil(files(shop)[0])
    assert shop.find_damaged_tables() == ["gold.t"]


def test_publishing_links_the_file_and_copies_where_it_cannot(tmp_path, monkeypatch):
    shop = warehouse(tmp_path)
    make(shop, "select range as n from range(7)")
    shop.make_view("gold", "seen", "select n from gold.t where n < 3")
    (tmp_path / "out").mkdir()
    assert shop.export("gold", ["t", "seen"], tmp_path / "out") == {"t": 7, "seen": 3}
    assert (tmp_path / "out" / "t.parquet").samefile(files(shop)[0])

    def refuse(*_):
        raise OSError("no hard links here")

    monkeypatch.setattr(os, "link", refuse)
    (tmp_path / "other").mkdir()
    assert shop.export("gold", ["t"], tmp_path / "other") == {"t": 7}
    assert duckdb.read_parquet(str(tmp_path / "other" / "t.parquet")).fetchall() == [(n,) for n in range(7)]


def test_what_a_killed_run_left_goes_with_the_next_table(tmp_path):
    shop = warehouse(tmp_path)
    make(shop, "select 1 as n")
    for left in (".gold.t-77.new", "gold.t-77.parquet", "gold.t_other-77.parquet"):
        (files(shop)[0].parent / left).write_bytes(b"")
    make(shop, "select 2 as n")
    assert [file.name for file in files(shop) if file.stat().st_size == 0] == ["gold.t_other-77.parquet"]


def test_dropping_everything_leaves_no_file(tmp_path):
    shop = warehouse(tmp_path)
    make(shop)
    shop.drop_built()
    assert (files(shop), shop.exists("gold", "t")) == ([], False)


def test_groups_of_a_table_that_is_a_file_are_replaced(tmp_path):
    shop = warehouse(tmp_path)
    make(shop, "select * from (values (1, 'a'), (1, 'b'), (2, 'c'), (null, 'd')) as t(n, who)")
    with shop.create_temporary("affected", "select unnest([1, 3]) as n"):
        shop.replace_groups("gold.t", "select 'e' as who, 3 as n", ["n"], "affected")
    rows = shop.query("from gold.t order by all").to_pylist()
    assert [(row["n"], row["who"]) for row in rows] == [(2, "c"), (3, "e"), (None, "d")]
    assert shop.find_damaged_tables() == []


COLUMNS = {"order_id": "number", "ordered_at": "at", "customer_id": "who", "unit_price": "price"}
TILL = {
    "shop": {"name": "Till"},
    "sources": {"till": {"files": "*.csv", "entities": {"order_lines": {"columns": COLUMNS}}}},
}


def lines(begin: int, end: int) -> list[dict]:
    return [
        {"number": n, "at": f"2024-03-{1 + n % 28:02} 10:00", "who": f"c{n % 40}", "price": f"{1 + n % 7}.50"}
        for n in range(begin, end)
    ]


def test_a_shop_that_grows_gets_files_and_keeps_its_rows(build_money):
    """The tables of 900 lines are DuckDB's own; with 200 more, those that are replaced in whole are files."""
    shop = build_money("grows", TILL, {"first.csv": lines(0, 900)})
    kept = shop.folder / ".patron" / "warehouse.tables"
    assert not kept.exists()
    add_files(shop.folder, {"more.csv": lines(900, 1100)})
    shop.run_money()
    assert {"measures.calendar", "gold.customer_360"} <= {file.name.split("-")[0] for file in kept.iterdir()}
    (kpi,) = [row for row in shop.rows("gold.kpi_overall") if row["order_count"]][-1:]
    assert (kpi["order_count"], kpi["net_amount"]) == (1100, sum(Decimal(row["price"]) for row in lines(0, 1100)))
    full = build_money("full", TILL, {"first.csv": lines(0, 900), "more.csv": lines(900, 1100)})
    for table in ("gold.customer_360", "gold.daily_metrics", "measures.calendar", "measures.ledger"):
        assert shop.rows(table) == full.rows(table), table
