"""Gold in BigQuery, Snowflake and Databricks, read back: what is there, and what readers see while it changes.

Snowflake is fakesnow, which the real connector reaches over HTTP. BigQuery is its real client on a fake of the REST API,
Databricks a fake of its connector; both run what sqlglot translates on DuckDB.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from engines.clouds import clouds
from patron.contract.personal_data import list_personal_columns
from patron.engines.clouds.client import CloudClient
from patron.errors import EngineError, LockedError, SettingsError
from patron.project.project import Project
from patron.publish.clouds import export as export_module
from patron.publish.clouds.export import CloudExportError, export_to_cloud
from patron.publish.clouds.writer_lock import WriterLock
from publish.small_gold import keep_only, republish

TABLES = ("customer_360", "fct_orders", "dim_date", "dim_churn_group")
MORE_ORDERS = "select * from {rows} union all (select * replace ('new' as order_id) from {rows} limit 1)"


class Cloud:
    """An empty warehouse and a project whose gold goes there."""

    def __init__(self, engine: str, reader: CloudClient, folder: Path) -> None:
        self.engine, self.reader, self.folder = engine, reader, folder

    def export(self, **options: Any) -> export_module.Export:
        return export_to_cloud(Project.load(self.folder), self.engine, **options)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return [tuple(row.values()) for row in self.reader.query(sql).to_pylist()]


@pytest.fixture(params=clouds.ALL)
def cloud(request, contacts_shop, tmp_path, monkeypatch) -> Iterator[Cloud]:
    (tmp_path / "volumes").mkdir()
    with ExitStack() as stack:
        connect = clouds.start(request.param, stack, monkeypatch, tmp_path / "volumes")
        folder = keep_only(contacts_shop.folder, tmp_path / "shop", TABLES)
        reader = connect()
        stack.callback(reader.close)
        yield Cloud(request.param, reader, folder)


def list_published(folder: Path, table: str) -> list[tuple[Any, ...]]:
    """The rows of the snapshot, without personal columns."""
    file = sorted((folder / ".patron/published").glob(f"*/{table}.parquet"))[-1]
    kept = [row[0] for row in duckdb.sql(f"describe from '{file}'").fetchall() if row[0] not in list_personal_columns()]
    return duckdb.sql(f"select {', '.join(kept)} from '{file}'").fetchall()


def plain(rows: list[tuple[Any, ...]]) -> list[str]:
    """Rows in an order of their own; a time of pandas as Python's, a decimal without zeros at its end."""
    return sorted(repr([_plain(value) for value in row]) for row in rows)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value.normalize() + 0:f}"
    return value.to_pydatetime() if hasattr(value, "to_pydatetime") else value


def test_readers_see_the_rows_of_the_snapshot(cloud):
    done = cloud.export()
    assert sorted(done.loaded) == sorted(TABLES)
    for table in TABLES:
        held = cloud.rows(f"select * from gold.{table}")
        assert plain(held) == plain(list_published(cloud.folder, table)), table
        assert len(held) == done.loaded[table] > 0
    assert cloud.rows("select snapshot, currency from gold.published") == [(done.snapshot, "EUR")]
    counted = dict(cloud.rows("select table_name, row_count from gold.published_tables"))
    assert counted == done.loaded
    assert "email" in done.left_out


def test_a_second_export_loads_what_changed_and_keeps_no_old_rows(cloud):
    first = cloud.export()
    assert not cloud.export().is_new
    republish(cloud.folder, fct_orders=MORE_ORDERS)
    second = cloud.export()
    assert second.loaded == {"fct_orders": first.loaded["fct_orders"] + 1}
    assert cloud.rows("select count(*) as n from gold.fct_orders where order_id = 'new'") == [(1,)]
    place = next(name for name in cloud.reader.list_tables("gold_loads") if name.startswith("fct_orders"))
    assert cloud.rows(f"select count(*) as n from gold_loads.{place}") == [(second.loaded["fct_orders"],)]


def test_readers_see_one_snapshot_in_all_tables_at_every_statement(cloud, monkeypatch):
    cloud.export()
    republish(
        cloud.folder,
        fct_orders=MORE_ORDERS,
        customer_360="select * from {rows} limit 3",
        dim_churn_group="select * from {rows} limit 1",
    )
    seen = []
    execute = type(cloud.reader).execute
    sql = (
        "select (select count(*) from gold.fct_orders where order_id = 'new') as orders, "
        "(select count(*) from gold.customer_360) as customers, (select count(*) from gold.dim_churn_group) as grps, "
        "(select max(snapshot) from gold.published) as snapshot"
    )

    def watch(self: CloudClient, statement: str) -> None:
        execute(self, statement)
        if self is not cloud.reader:
            seen.append(cloud.rows(sql)[0])

    monkeypatch.setattr(type(cloud.reader), "execute", watch)
    cloud.export()
    states = list(dict.fromkeys(seen))
    assert len(states) == 2, states
    assert states[0][0] == 0
    assert states[1][:3] == (1, 3, 1)


@pytest.mark.parametrize("at", ["load", "move", "renew"])
def test_after_an_error_readers_see_what_was_there(cloud, monkeypatch, at):
    cloud.export()
    before = {table: plain(cloud.rows(f"select * from gold.{table}")) for table in (*TABLES, "published")}
    republish(cloud.folder, fct_orders=MORE_ORDERS, customer_360="select * from {rows} limit 3")

    def refuse(*_: object) -> None:
        raise EngineError("The warehouse is away.", where="the test", do="try again")

    with monkeypatch.context() as patched:
        owner = {"load": type(cloud.reader), "move": export_module.Pointer, "renew": WriterLock}[at]
        patched.setattr(owner, at, refuse)
        with pytest.raises(CloudExportError) as caught:
            cloud.export()
    assert "readers still see what was there" in caught.value.do
    assert {table: plain(cloud.rows(f"select * from gold.{table}")) for table in before} == before
    assert cloud.export().loaded.keys() == {"fct_orders", "customer_360"}
    assert cloud.rows("select count(*) as n from gold.customer_360") == [(3,)]


def test_other_columns_and_types_take_the_place_of_the_old_ones(cloud):
    cloud.export()
    republish(cloud.folder, dim_churn_group="select *, 7 as more, 0.25::double as share from {rows}")
    cloud.export()
    assert cloud.rows("select distinct more, share from gold.dim_churn_group") == [(7, 0.25)]
    republish(cloud.folder, dim_churn_group="select *, 'x' as more from (select * exclude (more, share) from {rows})")
    cloud.export()
    held = cloud.reader.query("select * from gold.dim_churn_group")
    assert "share" not in held.column_names
    assert set(held["more"].to_pylist()) == {"x"}
    assert sum(name.startswith("dim_churn_group") for name in cloud.reader.list_tables("gold_loads")) == 1


def test_a_table_of_somebody_else_is_refused(cloud):
    cloud.reader.create_schema("gold")
    cloud.reader.execute("create table gold.dim_date as select 1 as mine")
    with pytest.raises(SettingsError, match="did not create: dim_date"):
        cloud.export()
    assert cloud.rows("select mine from gold.dim_date") == [(1,)]


def test_one_export_writes_at_a_time(cloud):
    cloud.export()
    other = WriterLock(cloud.reader, "gold_loads", "another")
    other.take()
    with pytest.raises(LockedError):
        cloud.export(force=True)
    other.release()
    assert cloud.export(force=True).is_new
