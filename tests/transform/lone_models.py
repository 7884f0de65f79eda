"""Shipped models built alone in DuckDB, on a few rows of what they read: no run, no files, a moment each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any

import duckdb
import pyarrow as pa
import yaml

from engines.projects import HERE, shape
from patron.project.project import Project
from patron.project.settings import ProjectSettings
from patron.transform.render.dbt_project import render_project_files
from transform.compiled_sql import model_sql

Row = dict[str, Any]

_MAPPED = {
    "order_lines": "order_id ordered_at customer_id product_id quantity unit_price channel status store_id line_discount_amount",
    "products": "product_id product_name department category",
    "deliveries": "delivery_id order_id ordered_at picked_up_at delivered_at staff_id store_id customer_id",
    "campaign_touches": "touch_id customer_id touched_at campaign is_confirmed",
}


_ALSO = {"visits": "customer_id visited_at visit_count"}
"""What changes other models if it is mapped: only where a test asks for it."""


@cache
def _compile(settings: str, also: str) -> dict[str, str]:
    mapped = _MAPPED | ({also: _ALSO[also]} if also else {})
    sources = {
        entity: {"files": f"{entity}.csv", "entities": {entity: {"columns": {name: name for name in names.split()}}}}
        for entity, names in mapped.items()
    }
    declared = {"shop": {"name": "Lone"}, "sources": sources, **yaml.safe_load(settings)}
    project = Project(HERE, ProjectSettings.model_validate(declared))
    shapes = {entity: shape(entity, names.split(), [], "UTC") for entity, names in mapped.items()}
    return model_sql(render_project_files(project, shapes, "duckdb", {}, "2024-12-31"))


def build(name: str, tables: Mapping[str, Sequence[Row]], *, also: str = "", **settings: Any) -> list[Row]:
    """Return the rows of a model, built from these rows of what it reads, such as `measures.as_of`, in any order.

    All rows of a table have the same columns. also: an entity that is mapped besides the usual ones. settings: sections
    of patron.yaml.
    """
    return build_all([name], tables, also=also, **settings)[name]


def build_all(
    names: Sequence[str], tables: Mapping[str, Sequence[Row]], *, also: str = "", **settings: Any
) -> dict[str, list[Row]]:
    """Build several models, each from the tables and the models before it; `schema.model` says where one is read."""
    sql = _compile(yaml.safe_dump(settings), also)
    found = {}
    with duckdb.connect() as engine:
        for table, rows in tables.items():
            engine.execute(f"create schema if not exists {table.partition('.')[0]}")
            engine.register("given", _to_table(rows))
            engine.execute(f"create table {table} as select * from given")
        for name in names:
            place, _, model = name.rpartition(".")
            if place:
                engine.execute(f"create schema if not exists {place}")
                engine.execute(f"create table {name} as {sql[model]}")
            rows = engine.execute(f"select * from {name}" if place else sql[model])
            columns = [column[0] for column in rows.description]
            found[model] = [dict(zip(columns, row, strict=True)) for row in rows.fetchall()]
    return found


def _to_table(rows: Sequence[Row]) -> pa.Table:
    """Columns without any value are text."""
    table = pa.Table.from_pylist(list(rows))
    kinds = [field.with_type(pa.string()) if pa.types.is_null(field.type) else field for field in table.schema]
    return table.cast(pa.schema(kinds))


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def money(amount: float | str) -> Decimal:
    return Decimal(str(amount)).quantize(Decimal("0.0001"))


def line(order: str, on: str, who: str | None, amount: float = 10, kind: str = "sale", **more: Any) -> Row:
    """A row of silver.order_lines: one piece, at noon. discount: what is taken off the line."""
    discount = more.pop("discount", 0)
    gross = money(amount + discount) if kind == "sale" else money(amount)
    return {
        **{"source_name": "till", "id_namespace": "till", "order_id": order, "customer_id": who, "line_kind": kind},
        **{"ordered_at": dt.datetime.fromisoformat(f"{on} 12:00:00"), "order_date": day(on), "product_id": "p1"},
        **{"quantity": money(1), "line_gross_amount": gross, "line_discount_amount": money(discount)},
        **{"line_amount": money(amount), "channel": "web", "store_id": "s1", "status": "paid", "region": "r"},
        **{"promotion_id": None, "assumed": None, "_row_key": 0, "_batch_id": 1},
        **more,
    }


def numbered(*lines: Row) -> list[Row]:
    return [{**one, "_row_key": number} for number, one in enumerate(lines, start=1)]


def bounds(as_of: str, first: str = "2024-01-01") -> list[Row]:
    return [{"as_of_date": day(as_of), "first_date": day(first)}]
