"""A shop for tests of churn: silver made by hand, and the shipped SQL of measures and predictions, compiled as dbt would.

No run is needed, so a test may change a row and look again in less than a second.
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from engines.test_dialects import render
from patron.engines.duckdb import DuckDBWarehouse
from patron.predict.churn.tables import prepare
from patron.project.settings import ProjectSettings
from transform.compiled_sql import model_sql

START = dt.date(2023, 1, 2)

_TABLES = """
create or replace table silver.order_lines as select
    'till' as source_name, 'till' as id_namespace, order_id, order_date::timestamp as ordered_at, order_date,
    customer_id, product_id, channel, null::text as store_id, null::text as status, null::text as region,
    null::text as assumed, null::text as promotion_id, line_kind, quantity::decimal(18, 4) as quantity,
    amount::decimal(18, 4) as line_gross_amount, 0::decimal(18, 4) as line_discount_amount,
    amount::decimal(18, 4) as line_amount, row_number() over () as _row_key
from lines;
create or replace table silver.service_interactions as select customer_id, contacted_date from contacts;
create or replace table silver.loyalty_accounts as select * from accounts;
create or replace table silver.loyalty_transactions as select * from points;
"""
_COLUMNS = {
    "lines": "order_id order_date customer_id product_id channel line_kind quantity amount",
    "contacts": "customer_id contacted_date",
    "accounts": "loyalty_id customer_id joined_date",
    "points": "loyalty_id changed_at points_change",
}
_KINDS = {"order_date": pa.date32(), "contacted_date": pa.date32(), "joined_date": pa.date32()}
_KINDS |= {"changed_at": pa.timestamp("us"), "quantity": pa.float64(), "amount": pa.float64()}
_KINDS |= {"points_change": pa.float64()}
BUILT = (
    "order_measures",
    "fully_refunded_orders",
    "customer_days",
    "customer_totals",
    "customer_baskets",
    "customer_measures",
)
VIEWS = ("churn_cutoffs", "churn_features", "churn_training")

Events = dict[str, list[tuple[Any, ...]]]


@cache
def compiled(project: str = "everything") -> dict[str, str]:
    return model_sql(render(project, "duckdb"))


def day(number: int) -> dt.date:
    """Day 0 is the shop's first."""
    return START + dt.timedelta(days=number)


class ChurnShop:
    """events: rows of _COLUMNS, by table; days as numbers. as_of: a day."""

    def __init__(self, folder: Path, events: Events, as_of: int, project="everything") -> None:
        self.settings = ProjectSettings.model_validate(
            {
                "shop": {"name": "Churn"},
                "sources": {"till": {"files": "*"}},
                "warehouse": {"threads": 1},
                "predictions": {"churn": {"least_leavers": 40}},
            }
        )
        self.folder, self.project = folder, project
        self.warehouse = DuckDBWarehouse(SimpleNamespace(warehouse=folder / "w.duckdb", settings=self.settings))
        prepare(self.warehouse)
        with self.warehouse._connect("making a shop") as connection:
            for schema in ("silver", "measures", "predictions", "gold"):
                connection.execute(f"create schema if not exists {schema}")
        self.put(events, as_of)

    def put(self, events: Events, as_of: int) -> None:
        """Everything anew, from these events."""
        bounds = f"date '{day(as_of)}' as as_of_date, date '{START}' as first_date"
        with self.warehouse._connect("building") as connection:
            for name, columns in _COLUMNS.items():
                connection.register(name, _table(columns.split(), events.get(name, [])))
            connection.execute(_TABLES)
            connection.execute(f"create or replace table measures.as_of as select {bounds}")
            sql = compiled(self.project)
            for name in BUILT:
                connection.execute(f"create or replace table measures.{name} as {sql[name]}")
            connection.execute(
                "create or replace table measures.day_measures as select distinct activity_date from measures.customer_days"
            )
            for name in VIEWS:
                connection.execute(f"create or replace view predictions.{name} as {sql[name]}")

    def rows(self, sql: str) -> list[dict[str, Any]]:
        return self.warehouse.query(sql).to_pylist()

    def examples(self, cutoff: int) -> list[dict[str, Any]]:
        """churn_training at a day, without its labels."""
        sql = f"select * exclude (left_30, left_60, left_90) from predictions.churn_training where as_of_date = '{day(cutoff)}'"
        return self.rows(f"{sql} order by customer_id")


def _table(columns: list[str], rows: list[tuple[Any, ...]]) -> pa.Table:
    fields = pa.schema([(name, _KINDS.get(name, pa.string())) for name in columns])
    made = [
        {
            name: (dt.datetime.combine(day(value), dt.time(12)) if name == "changed_at" else day(value))
            if isinstance(value, int) and name.endswith(("_date", "_at"))
            else value
            for name, value in zip(columns, row, strict=True)
        }
        for row in rows
    ]
    return pa.Table.from_pylist(made, fields)


def sale(order: str, on: int, customer: str, product="p1", channel="web", amount=10.0, kind="sale") -> tuple[Any, ...]:
    return (order, on, customer, product, channel, kind, 1.0, amount)


def drawn_events(seed: int, customers: int, days: int) -> Events:
    """People who buy at a rate of their own until they leave; some of everything else."""
    rng = np.random.default_rng(seed)
    events: Events = {name: [] for name in _COLUMNS}
    for number in range(customers):
        who, at = f"c{number:04}", int(rng.integers(0, days * 3 // 4))
        gap, gone = 2 + min(rng.lognormal(3, 1), 150), at + rng.exponential(400)
        if rng.random() < 0.5:
            events["accounts"].append((f"a{number}", who, at + int(rng.integers(0, 60))))
        while at < days and at <= gone:
            order = f"{who}-{at}"
            for item in range(1 + rng.poisson(1)):
                line = (f"p{rng.integers(40)}", ["web", "store", None][rng.integers(3)])
                events["lines"].append(sale(order, at, who, *line, amount=round(float(rng.gamma(2, 10)), 2)))
                if item and rng.random() < 0.1:
                    back = (f"r{order}", min(at + int(rng.integers(0, 30)), days - 1))
                    events["lines"].append(sale(*back, who, amount=-5.0, kind="return"))
                if rng.random() < 0.1:
                    events["lines"].append(sale(order, at, who, amount=-1.5, kind="discount"))
            if rng.random() < 0.2:
                events["contacts"].append((who, min(at + int(rng.integers(0, 20)), days - 1)))
            if events["accounts"] and events["accounts"][-1][1] == who:
                events["points"].append((f"a{number}", at, float(rng.integers(-20, 60))))
            at += 1 + int(rng.exponential(gap))
    return events


def in_duckdb(sql: str, **tables: pa.Table) -> list[dict[str, Any]]:
    """Rows of a select over tables given as measures.<name>."""
    with duckdb.connect() as connection:
        connection.execute("create schema measures")
        for name, rows in tables.items():
            connection.register("given", rows)
            connection.execute(f"create table measures.{name} as select * from given")
        return connection.sql(sql).to_arrow_table().to_pylist()
