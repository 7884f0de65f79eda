"""DuckDB as the warehouse: how much memory it takes, and what threads see of each other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import duckdb
import pyarrow as pa
import pytest

from patron.engines.duckdb import DuckDBWarehouse
from patron.errors import EngineError


def warehouse(folder, memory_limit: str | None = None) -> DuckDBWarehouse:
    settings = SimpleNamespace(warehouse=SimpleNamespace(memory_limit=memory_limit, threads=None))
    return DuckDBWarehouse(SimpleNamespace(warehouse=folder / "warehouse.duckdb", settings=settings))


def limit_of(opened: DuckDBWarehouse) -> float:
    """In GiB."""
    number, unit = opened.query("select current_setting('memory_limit') as m")["m"][0].as_py().split()
    return float(number) / {"GiB": 1, "MiB": 1024}[unit]


def test_memory_is_left_for_predictions_unless_a_limit_is_given(tmp_path):
    number, unit = duckdb.sql("select current_setting('memory_limit')").fetchall()[0][0].split()
    assert limit_of(warehouse(tmp_path)) == pytest.approx(
        0.75 * float(number) / {"GiB": 1, "MiB": 1024}[unit], rel=0.02
    )
    assert limit_of(warehouse(tmp_path, "1GB")) == pytest.approx(10**9 / 2**30, rel=0.01)


def test_a_limit_of_this_machine_is_not_written_into_the_project(tmp_path):
    assert "memory_limit" not in warehouse(tmp_path).dbt_profile()["config_options"]
    assert warehouse(tmp_path, "1GB").dbt_profile()["config_options"]["memory_limit"] == "1GB"


def taken_there(shop: DuckDBWarehouse) -> None:
    assert "affected" not in shop.query("select * from information_schema.tables")["table_name"].to_pylist()
    with shop.create_temporary("affected", "select 2 as n"):
        assert shop.query("select n from affected")["n"].to_pylist() == [2]


def test_threads_share_tables_and_nothing_temporary(tmp_path):
    shop = warehouse(tmp_path)
    with shop.hold_open(), ThreadPoolExecutor(1) as thread:
        thread.submit(shop.make_table, "main", "seen", "select 1 as n").result()
        assert shop.query("select n from seen").num_rows == 1
        with shop.create_temporary("affected", "select 1 as n"):
            thread.submit(taken_there, shop).result()
            assert shop.query("select n from affected")["n"].to_pylist() == [1]
    duckdb.connect(str(shop.path)).close()  # nobody holds the file
    assert shop.query("select n from seen").num_rows == 1


class Lake:
    """A lake of one source, with so many rows."""

    def __init__(self, rows: int) -> None:
        self.rows = rows

    def table(self, source: str) -> SimpleNamespace:
        return SimpleNamespace(files=list, schema=lambda: pa.schema([("a", pa.int64())]), row_count=lambda: self.rows)


def threads_after_exposing(opened: DuckDBWarehouse, rows: int) -> int:
    with opened.hold_open():
        opened.expose_bronze(Lake(rows), ["till"])
        return opened.query("select current_setting('threads') as n")["n"][0].as_py()


def test_a_lake_with_nothing_to_divide_gets_one_thread(tmp_path):
    all_of_them = duckdb.sql("select current_setting('threads')").fetchone()[0]
    assert threads_after_exposing(warehouse(tmp_path), 25_000) == 1
    assert threads_after_exposing(warehouse(tmp_path), 122_880) == all_of_them


def test_threads_that_are_set_are_taken(tmp_path):
    opened = warehouse(tmp_path)
    opened.settings = SimpleNamespace(memory_limit=None, threads=3)
    assert threads_after_exposing(opened, 25_000) == 3


def test_contents_tell_every_change_of_a_table_and_no_order(tmp_path):
    shop = warehouse(tmp_path)
    rows = {
        "one": "select 1 as n, 'a' as t union all select 2, 'b'",
        "turned": "select 2 as n, 'b' as t union all select 1, 'a'",
        "other_value": "select 1 as n, 'a' as t union all select 2, 'c'",
        "other_type": "select 1::bigint as n, 'a' as t union all select 2, 'b'",
        "other_name": "select 1 as m, 'a' as t union all select 2, 'b'",
        "twice": "select 1 as n, 'a' as t union all select 2, 'b' union all select 2, 'b'",
        "none": "select 1 as n, 'a' as t where false",
    }
    for table, sql in rows.items():
        shop.make_table("main", table, sql)
    found = shop.contents("main", list(rows))
    assert found["one"] == found["turned"]
    assert len(set(found.values())) == len(rows) - 1
    assert found["none"] == "0 rows, 0, ['n INTEGER', 't VARCHAR']"
    assert shop.contents("main", []) == {}


_MANY = "select n, (n * 7 % 9973)::{kind} as amount, n % 5 as small from range({start}, {start} + 300_000) as r(n)"


def compressions(shop: DuckDBWarehouse, table: str) -> dict[str, set[str]]:
    """Column -> how its values are stored."""
    sql = "select column_name, compression from pragma_storage_info('{}') where segment_type <> 'VALIDITY'"
    found: dict[str, set[str]] = {}
    for row in shop.query(sql.format(table)).to_pylist():
        found.setdefault(row["column_name"], set()).add(row["compression"])
    return found


@pytest.mark.parametrize("kind", ["decimal(38, 4)", "hugeint"])
def test_wide_numbers_are_stored_as_they_are_also_where_rows_are_added_later(tmp_path, kind):
    """Unpacking a wide number takes many times as long as reading it."""
    with warehouse(tmp_path).hold_open():
        pass
    warehouse(tmp_path).make_view("main", "t", "select 1 as n")
    assert not warehouse(tmp_path).make_table("main", "t", _MANY.format(kind=kind, start=0))
    groups = "(select unnest(range(300_000, 600_000)) as n)"
    warehouse(tmp_path).replace_groups("main.t", _MANY.format(kind=kind, start=300_000), ["n"], groups)
    shop = warehouse(tmp_path)
    assert shop.query("select count(*) as n, sum(amount) = sum(n * 7 % 9973) as same from main.t").to_pylist() == [
        {"n": 600_000, "same": True}
    ]
    stored = compressions(shop, "main.t")
    assert stored["amount"] == {"Uncompressed"}
    assert "Uncompressed" not in stored["small"]


def test_narrow_numbers_are_packed(tmp_path):
    shop = warehouse(tmp_path)
    shop.make_table("main", "t", _MANY.format(kind="decimal(18, 4)", start=0))
    assert "Uncompressed" not in compressions(warehouse(tmp_path), "main.t")["amount"]


def test_a_table_of_wide_numbers_that_cannot_be_filled_stays_as_it_was(tmp_path):
    shop = warehouse(tmp_path)
    shop.make_table("main", "t", "select 1::decimal(38, 4) as amount")
    with pytest.raises(EngineError, match="ann"):
        shop.make_table("main", "t", "select who::decimal(38, 4) as amount from (values ('ann')) as people(who)")
    assert shop.query("select amount from main.t")["amount"].to_pylist() == [1]
    assert shop.make_table("main", "t", "select 1::decimal(38, 4) as amount where false")
