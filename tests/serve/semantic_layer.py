"""MetricFlow over a project's own tables: its plans of a metric by dimensions, run by DuckDB."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb

from patron.contract.metrics import list_stored_parts, load_metrics, load_tables
from patron.transform.model_docs import load_model_docs
from patron.transform.render.for_dbt.semantic_models import list_dimensions, list_times, name_metric

STEPS = ("customer_values", "period_customers")
"""Relations that a page's own query makes; the semantic layer has none of their metrics."""


@dataclass(frozen=True)
class Pair:
    """A metric over a table, by dimensions; `order_date__month` is the month of a day."""

    metric: str
    table: str
    by: tuple[str, ...]


def list_columns() -> dict[str, list[str]]:
    """Gold table -> its columns; of the join of two, those that only one has."""
    named = {name: [one["name"] for one in load_model_docs(name).get("columns", ())] for name in load_tables()}
    named = {name: own for name, own in named.items() if own}
    churn = [one["name"] for one in load_model_docs("customer_churn")["columns"]]
    left = named["customer_360"]
    named["customer_risk"] = [name for name in (*left, *churn) if (name in left) != (name in churn)]
    return named


def list_pairs() -> list[Pair]:
    """Every metric over every table: by the key where it is stored, else by each dimension and the month of each day."""
    columns = list_columns()
    pairs = []
    for metric in load_metrics().values():
        for table in (one for one in metric.tables if one not in STEPS):
            key = load_tables()[table].key
            if list_stored_parts(metric.name, table):
                pairs.append(Pair(metric.name, table, key))
                continue
            pairs += [Pair(metric.name, table, (name,)) for name in list_dimensions(table, columns)]
            pairs += [
                Pair(metric.name, table, (f"{name}__month",))
                for name in list_times(table, columns)
                if name.endswith("_date")
            ]
    return pairs


def choose_pairs(count: int) -> list[Pair]:
    """So many pairs: first one of each metric and table, then another of each, and so on."""
    of: dict[tuple[str, str], list[Pair]] = {}
    for pair in list_pairs():
        of.setdefault((pair.metric, pair.table), []).append(pair)
    rounds = max(map(len, of.values()))
    chosen = [own[number] for number in range(rounds) for own in of.values() if number < len(own)]
    return chosen[:count]


class MetricFlow:
    """The engine over the semantic manifest that dbt has written. folder: of the project that dbt has parsed."""

    def __init__(self, folder: Path, warehouse: Path) -> None:
        self.folder, self.warehouse = folder, warehouse
        self.tables = [name for name in load_tables() if name not in STEPS]

    @cached_property
    def engine(self) -> Any:
        from metricflow.engine.metricflow_engine import MetricFlowEngine
        from metricflow.protocols.sql_client import SqlEngine
        from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer
        from metricflow_semantics.model.dbt_manifest_parser import parse_manifest_from_dbt_generated_manifest
        from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup

        text = (self.folder / "target/semantic_manifest.json").read_text()
        client = SimpleNamespace(sql_engine_type=SqlEngine.DUCKDB, sql_plan_renderer=DuckDbSqlPlanRenderer())
        manifest = parse_manifest_from_dbt_generated_manifest(manifest_json_string=text)
        return MetricFlowEngine(SemanticManifestLookup(manifest), client)

    def ask(self, pair: Pair) -> dict[tuple[Any, ...], Any]:
        """The metric's values by the values of the dimensions."""
        from metricflow.engine.metricflow_engine import MetricFlowQueryRequest

        name = name_metric(pair.metric, pair.table, self.tables)
        grouped = [_name_dimension(pair.table, one) for one in pair.by]
        request = MetricFlowQueryRequest.create(metric_names=[name], group_by_names=grouped)
        sql = self.engine.explain(request).sql_statement.sql
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            answer = connection.execute(sql)
            names = [column[0] for column in answer.description]
            rows = [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
        return {tuple(row[one] for one in grouped): row[name] for row in rows}


def _name_dimension(table: str, dimension: str) -> str:
    column, _, grain = dimension.partition("__")
    if column == table or not column:
        return table
    own = {"weekday": "weekday_name"}.get(column, column)
    if column in load_tables()[table].key and len(load_tables()[table].key) == 1 and column.endswith("_id"):
        return table
    return f"{table}__{own}" + (f"__{grain}" if grain else "__day" if column.endswith(("_date", "_at")) else "")
