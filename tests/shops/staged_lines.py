"""The order lines of a project as they are staged from its files, computed without landing or building anything."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import duckdb

from patron.contract.entities import load_entities
from patron.project.mapping.lookups import sort_by_lookups
from patron.project.project import Project
from patron.transform.render.lookup_columns import render_rows
from patron.transform.render.source_schema import derive_shapes, describe_sample
from patron.transform.render.staging import render_source

CALLS = {
    r"\{\{ source\('bronze', '(\w+)'\) \}\}": r"arrived_\1",
    r"\{\{ source_relation\('(\w+)'\) \}\}": r"rows_\1",
    r"\{\{ raw_row\([^{}]*\) \}\}": "''",
}
NET = """
select sum(coalesce(line_amount, round(quantity * unit_price, 4) - line_discount_amount)), count(distinct order_id),
    count(quarantine_reason) from lines
"""
OFF_ORDERS = (
    "select coalesce(sum(once), 0) from (select max(order_discount_amount) as once from lines group by order_id)"
)


def compute_net(folder: Path) -> tuple[Decimal, int, int]:
    """Net revenue, orders, and rows that would be set aside; the discount of an order counts once."""
    project = Project.load(folder)
    samples = {name: project.connector(name).sample(10**6) for name in project.settings.sources}
    shapes = derive_shapes(project, {name: describe_sample(table) for name, table in samples.items()})
    with duckdb.connect() as engine:
        selects = []
        for source in sort_by_lookups(project.settings.sources):
            engine.register(f"sample_{source}", samples[source])
            engine.execute(
                f"create view arrived_{source} as select *, row_number() over () as _row_key, 1 as _batch_id, "
                f"'' as _source_file, timestamp '2030-01-01' as _ingested_at from sample_{source}"
            )
            engine.execute(f"create view rows_{source} as {_fill_in(render_rows(project, source, shapes, 'duckdb'))}")
            if (mapping := project.mappings[source].entities.get("order_lines")) is not None:
                entity = load_entities()["order_lines"]
                selects.append(_fill_in(render_source(project, entity, mapping, shapes[source], "duckdb")))
        engine.execute(f"create table lines as {' union all '.join(selects)}")
        net, orders, bad = engine.execute(NET).fetchone()
        return net - engine.execute(OFF_ORDERS).fetchone()[0], orders, bad


def _fill_in(sql: str) -> str:
    for call, there in CALLS.items():
        sql = re.sub(call, there, sql)
    return sql
