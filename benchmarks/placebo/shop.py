"""A drawn shop in the warehouse's tables: the models that comparisons read are built on it by their shipped SQL."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from benchmarks.placebo.draw import DAYS, Orders, Spec, draw_orders, lose_orders

FIRST = dt.date(2023, 1, 2)
LAST = FIRST + dt.timedelta(days=DAYS - 1)

_COLUMNS = {
    "order_lines": "order_id customer_id ordered_at quantity unit_price promotion_id",
    "service_interactions": "interaction_id customer_id contacted_at issue_type resolution_status resolved_at",
    "deliveries": "delivery_id order_id customer_id ordered_at delivered_at staff_id",
    "staff": "staff_id staff_name rating",
    "customers": "customer_id",
}

_TABLES = """
create or replace table measures.as_of as
    select date '{last}' as as_of_date, date '{first}' as first_date, date '{last}' as last_date;
create or replace table silver.order_lines as select
    'till' as source_name, 'till' as id_namespace, order_id, order_date::timestamp as ordered_at, order_date,
    customer_id, null::text as channel, null::text as store_id, null::text as status, null::text as region,
    null::text as assumed, promotion_id, 'sale' as line_kind, 1::decimal(18, 4) as quantity,
    amount::decimal(18, 4) as line_gross_amount, 0::decimal(18, 4) as line_discount_amount,
    amount::decimal(18, 4) as line_amount, row_number() over (order by order_id) as _row_key
from orders;
create or replace table silver.service_interactions as select
    customer_id, contacted_date, is_resolved, is_escalated, null::timestamp as resolved_at from contacts;
create or replace table measures.delivery_measures as select
    'till' as source_name, order_id as _row_key, customer_id, order_date::timestamp as ordered_at,
    order_date as ordered_date, minutes * 60 as delivery_seconds, 600 as preparation_seconds,
    distance as distance_metres, courier as staff_id, traffic, weather, vehicle,
    false as is_festival, null::bigint as multiple_delivery_count
from deliveries;
create or replace table gold.dim_courier as select 'k' || i as courier_id,
    case i % 3 when 0 then 'Under 4' when 1 then '4.0 to 4.7' else '4.8 or more' end as rating_band
from range(12) as t(i);
create or replace table measures.customer_attributes as select customer_id, attribute, answer from answers;
"""
_CUSTOMERS = """
create or replace table gold.customer_360 as select labels.customer_id, labels.order_count, labels.net_amount,
    labels.historical_clv, labels.tenure_days, labels.is_churned, labels.churn_risk, labels.as_of_date,
    habits.promoted_order_count, habits.first_promotion_date,
    7.0 * labels.order_count / case when labels.tenure_days < 7 then 7 else labels.tenure_days end as visits_per_week,
    coalesce(support.interaction_count, 0) as interaction_count,
    coalesce(support.resolved_interaction_count, 0) as resolved_interaction_count,
    coalesce(support.escalated_interaction_count, 0) as escalated_interaction_count
from measures.customer_labels as labels
left join measures.customer_habits as habits using (customer_id)
left join measures.customer_support as support using (customer_id)
"""
_BEFORE = (
    "order_measures",
    "fully_refunded_orders",
    "customer_days",
    "customer_totals",
    "customer_habits",
    "customer_measures",
    "customer_scores",
)
_BEFORE += (
    "customer_labels",
    "customer_support",
    "loyalty_customers",
    "promotion_windows",
    "loyalty_windows",
    "support_cohort",
    "delivery_cohort",
)
TABLES = ("promotion_impact", "support_impact", "delivery_impact", "survey_segments", "loyalty_uplift_summary")


@cache
def compile_models() -> dict[str, Any]:
    """Compile the shipped models for a shop that maps what comparisons read, name -> node."""
    from patron.engines.dialects import find_dialect
    from patron.project.project import Project
    from patron.project.settings import ProjectSettings
    from patron.transform.compile.compile_project import compile_project
    from patron.transform.render.dbt_project import render_project_files
    from patron.transform.render.source_schema import derive_shapes

    entities = {name: {"columns": {column: column for column in columns.split()}} for name, columns in _COLUMNS.items()}
    entities["customers"]["columns"]["attributes"] = ["question"]  # type: ignore[assignment]
    settings = {"shop": {"name": "Placebo"}, "sources": {"till": {"files": "*.csv", "entities": entities}}}
    project = Project(Path(), ProjectSettings.model_validate(settings))
    names = [*dict.fromkeys(" ".join(_COLUMNS.values()).split()), "question"]
    schema = pa.schema([(name, pa.string()) for name in names], {"patron.source_key": "[]"})
    files = render_project_files(project, derive_shapes(project, {"till": schema}), "duckdb", {}, LAST.isoformat())
    return {node.name: node for node in compile_project(files, find_dialect("duckdb")) if node.kind != "test"}


class PlaceboShop:
    """A connection that is filled with one shop after another."""

    def __init__(self) -> None:
        self.models = compile_models()
        self.connection = duckdb.connect(config={"threads": 1})
        for schema in ("silver", "measures", "gold", "seeds"):
            self.connection.execute(f"create schema {schema}")
        for name in ("segments", "segment_scores"):
            self._seed(name)

    def _seed(self, name: str) -> None:
        import csv
        import io

        node = self.models[name]
        rows = list(csv.DictReader(io.StringIO(node.code)))
        table = pa.table({key: [row[key] or None for row in rows] for key in rows[0]})
        self.connection.register("seed", table)
        whole = ("score", "order")
        columns = [f"cast({c} as bigint) as {c}" if c.endswith(whole) else c for c in table.column_names]
        self.connection.execute(
            f"create or replace table {node.schema}.{name} as select {', '.join(columns)} from seed"
        )

    def fill(self, orders: Orders, answers: np.ndarray, rng: np.random.Generator) -> None:
        """Replace all tables by those of a shop. answers: customer x question, whole numbers."""
        for name, table in _draw_tables(orders, answers, rng).items():
            self.connection.register(name, table)
        self.connection.execute(_TABLES.format(first=FIRST, last=LAST))
        self.build()

    def build(self) -> None:
        """Build the models that the compared tables read, from silver as it is."""
        for name in _BEFORE:
            self._build(name)
        self.connection.execute(_CUSTOMERS)

    def _build(self, name: str) -> None:
        node = self.models[name]
        self.connection.execute(f"create or replace table {node.schema}.{name} as {node.code}")

    def read(self, name: str) -> list[dict[str, Any]]:
        """Build one table and return its rows."""
        self._build(name)
        return list(self.connection.execute(f"select * from gold.{name} order by all").to_arrow_table().to_pylist())


def draw_shop(shop: PlaceboShop, spec: Spec, seed: int) -> Orders:
    """Draw a shop and fill the tables with it."""
    rng = np.random.default_rng(seed)
    answers = np.stack([rng.integers(0, kinds, spec.customers) for kinds in (2, 3, 4, 5, 6, 8)], axis=1)
    orders = lose_orders(draw_orders(spec, rng), spec, answers[:, 0], rng)
    shop.fill(orders, answers, rng)
    return orders


def _draw_tables(orders: Orders, answers: np.ndarray, rng: np.random.Generator) -> dict[str, pa.Table]:
    count = len(orders.day)
    who = np.char.add("c", orders.customer.astype(str))
    days = (np.datetime64(FIRST) + orders.day).astype("datetime64[D]")
    number = np.arange(count)
    contacted = np.flatnonzero(orders.is_contacted)
    cold = np.sin(2 * np.pi * orders.day / DAYS) < 0
    minutes = np.where(orders.is_slow, 50, rng.integers(15, 44, count))
    return {
        "orders": pa.table(
            {
                "order_id": number.astype(str),
                "customer_id": who,
                "order_date": days,
                "amount": orders.amount,
                "promotion_id": pa.array(np.where(orders.is_promoted, "p", ""), mask=~orders.is_promoted),
            }
        ),
        "contacts": pa.table(
            {
                "customer_id": who[contacted],
                "contacted_date": days[contacted],
                "is_resolved": rng.random(len(contacted)) < 0.7,
                "is_escalated": orders.is_escalated[contacted],
            }
        ),
        "deliveries": pa.table(
            {
                "order_id": number,
                "customer_id": who,
                "order_date": days,
                "minutes": minutes,
                "distance": rng.integers(500, 9000, count),
                "courier": np.char.add("k", rng.integers(0, 12, count).astype(str)),
                "traffic": np.array(["Low", "Medium", "Jam"])[rng.integers(0, 3, count)],
                "weather": np.where(rng.random(count) < np.where(cold, 0.6, 0.2), "Rain", "Sunny"),
                "vehicle": np.array(["bicycle", "scooter"])[rng.integers(0, 2, count)],
            }
        ),
        "answers": pa.table(
            {
                "customer_id": np.repeat(np.char.add("c", np.arange(len(answers)).astype(str)), answers.shape[1]),
                "attribute": np.tile(np.char.add("q", np.arange(answers.shape[1]).astype(str)), len(answers)),
                "answer": answers.ravel().astype(str),
            }
        ),
    }
