"""A published snapshot of any number of customers, written in a moment: what audiences are chosen from and measured on."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import yaml

from patron.project.project import Project
from patron.publish.snapshot import POINTER

MADE = dt.date(2024, 6, 30)
"""The last day with an order when audiences are made."""

_PEOPLE = """
    select 'c' || i as customer_id,
        case i % 4 when 0 then 'At Risk' when 1 then 'Loyal' when 2 then 'Lost' else 'New' end as segment,
        case i % 2 when 0 then 'High' else 'Low' end as churn_group,
        case when i % 10 = 0 then 'Gold' else 'High' end as clv_tier,
        'Write to them' as recommended_action,
        case i % 3 when 0 then 'North' when 1 then 'Süd-West' end as region, 'Online' as preferred_channel,
        cast(i // 4 as decimal(18, 4)) as net_amount, i % 7 as order_count, i % 100 as days_since_last_order,
        case i when 4 then '=1+1' when 8 then '@Zoë, "Ω"' else 'Name ' || i end as customer_name,
        i || '@example.com' as email
    from range(1, {count} + 1) as numbers(i)
"""
_TABLES = {
    "customer_360": _PEOPLE,
    "customer_clv": "select customer_id, 100.0::double as predicted_clv_1y from people where order_count > 0",
    "customer_churn": "select customer_id, days_since_last_order / 100 as churn_probability_90d from people",
    "customer_clusters": "select customer_id, 'Frequent buyers' as cluster_name from people where order_count = 6",
    "dim_customer": "select customer_id, email, '+44 20' as phone from people",
    "dim_rfm_segment": "select distinct segment, segment as segment_order from people",
    "dim_churn_group": "select distinct churn_group, churn_group as risk_order from people",
    "dim_clv_tier": "select distinct clv_tier, clv_tier as tier_order from people",
    "cluster_profiles": "select 1 as cluster_number, 'Frequent buyers' as cluster_name",
    "fct_orders": f"select 's' as id_namespace, 'before' as order_id, 'c1' as customer_id, date '{MADE}' as order_date, "
    "1::decimal(18, 4) as order_amount",
}


def shop_of(folder: Path, count: int, **settings: Any) -> Project:
    """A project with so many published customers, c1, c2, ...; a quarter of them in each segment."""
    source = {"files": "*.csv", "entities": {"order_lines": {"columns": {}}}}
    columns = {"order_id": "o", "ordered_at": "t", "unit_price": "p"}
    source["entities"]["order_lines"]["columns"] = columns
    shop = {"name": "Many", "currency": "GBP", "locale": "en_GB"}
    (folder / "data").mkdir(parents=True, exist_ok=True)
    (folder / "patron.yaml").write_text(yaml.safe_dump({"shop": shop, "sources": {"receipts": source}, **settings}))
    with duckdb.connect() as engine:
        engine.execute("create table people as " + _PEOPLE.format(count=count))
        _publish(folder, engine, {name: sql.format(count=count) for name, sql in _TABLES.items()}, "1Z")
    return Project.load(folder)


def later(project: Project, orders: list[tuple[str, dt.date, float]]) -> None:
    """A newer snapshot with these orders (customer, day, amount) beside the one that was there."""
    ids, days, amounts = zip(*orders, strict=True)
    numbers = [f"o{number}" for number in range(len(orders))]
    new = pa.table(
        {"order_id": numbers, "customer_id": ids, "order_date": pa.array(days, pa.date32()), "amount": amounts}
    )
    before = project.published / "1Z"
    with duckdb.connect() as engine:
        engine.register("new", new)
        tables = {name: f"select * from read_parquet('{before / name}.parquet')" for name in _TABLES}
        tables["fct_orders"] += (
            " union all select 's', order_id, customer_id, order_date, cast(amount as decimal(18, 4)) from new"
        )
        _publish(project.root, engine, tables, "2Z")


def _publish(folder: Path, engine: duckdb.DuckDBPyConnection, tables: dict[str, str], name: str) -> None:
    place = folder / ".patron" / "published" / name
    place.mkdir(parents=True)
    counts = {}
    for table, sql in tables.items():
        engine.execute(f"copy ({sql}) to '{place / table}.parquet' (format parquet)")
        counts[table] = engine.execute(f"select count(*) from read_parquet('{place / table}.parquet')").fetchone()[0]
    output = {"name": name, "fingerprint": name, "published_at": "2024-07-01T00:00:00+00:00", "as_of": "2024-07-01"}
    (place.parent / POINTER).write_text(json.dumps({**output, "tables": counts, "contents": {}}))
