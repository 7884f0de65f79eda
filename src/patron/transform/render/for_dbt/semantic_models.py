"""dbt's semantic layer: the metrics of contract/metrics.yml over the gold tables, as semantic models and metrics.

A metric keeps its name over the first of its tables; over another one it is called `<metric>_in_<table>`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from patron.contract.metrics import Metric, get_metric, list_stored_parts, load_metrics, load_tables
from patron.contract.personal_data import list_personal_columns

Columns = Mapping[str, list[str]]
"""Gold table -> its columns."""

RISK = "customer_risk"
"""The one relation of the metrics that joins two gold tables: a view of it is written for dbt."""

_TIMES = ("_date", "_at")
_NUMBERS = re.compile(r"_(amount|count|rate|share|days|weeks|years|value|score|clv|low_80|high_80|1y|3y|5y|90d|\d+)$")
_AGGREGATES = {
    "sum": "sum",
    "count": "count",
    "count_distinct": "count_distinct",
    "average": "average",
    "median": "median",
}
_ENTITIES = {"fct_orders": ("customer_360", "customer_id")}
"""Table -> a table that it can be joined to, and the column that says which row."""

_WORDS_OF_TIME = {"day", "week", "month", "quarter", "year", "hour", "weekday"}


def list_semantic_tables(columns: Columns) -> list[str]:
    """List the tables with a semantic model: those of the metrics that dbt has as models."""
    return [name for name in load_tables() if name in columns]


def describe_semantic_models(columns: Columns, dialect: str) -> dict[str, Any]:
    """Describe every metric over every table, as the content of a yml file."""
    tables = list_semantic_tables(columns)
    return {
        "semantic_models": [_describe_table(table, columns[table], dialect) for table in tables],
        "metrics": [one for metric in load_metrics().values() for one in _describe_metric(metric, tables)],
    }


def name_metric(name: str, table: str, tables: list[str]) -> str:
    """Name a metric over a table in dbt's semantic layer. tables: those with a semantic model."""
    first = next(iter(one for one in get_metric(name).tables if one in tables), table)
    return name if table == first else f"{name}_in_{table}"


def list_dimensions(table: str, columns: Columns) -> list[str]:
    """List the columns of a table by which metrics can be grouped, but for its times."""
    hidden = list_personal_columns()
    kept = (name for name in columns[table] if not _NUMBERS.search(name) and not name.endswith(_TIMES))
    return [name for name in kept if name not in hidden and not name.startswith("_")]


def list_times(table: str, columns: Columns) -> list[str]:
    """List the columns of a table that are days or times."""
    return [name for name in columns[table] if name.endswith(_TIMES)]


def _describe_table(table: str, columns: list[str], dialect: str) -> dict[str, Any]:
    known = {table: columns}
    times = list_times(table, known)
    dimensions = [_describe_time(name) for name in times] or [_describe_no_time()]
    dimensions += [
        {"name": _rename(name), "type": "categorical", "expr": name} for name in list_dimensions(table, known)
    ]
    described = {
        "name": table,
        "model": f"ref('{table}')",
        "description": f"One row: {load_tables()[table].grain}.",
        "defaults": {"agg_time_dimension": _choose_time(table, times)},
        "dimensions": dimensions,
        "measures": [_describe_measure(metric, table, dialect) for metric in _list_own_metrics(table)],
    }
    return {**described, **_describe_entities(table)}


def _describe_entities(table: str) -> dict[str, Any]:
    key = load_tables()[table].key
    entities = []
    if table in _ENTITIES:
        joined, column = _ENTITIES[table]
        entities.append({"name": joined, "type": "foreign", "expr": column})
    if len(key) == 1:
        return {"entities": [{"name": table, "type": "primary", "expr": key[0]}, *entities]}
    return {"primary_entity": table, **({"entities": entities} if entities else {})}


def _rename(column: str) -> str:
    """dbt keeps some words to itself."""
    return f"{column}_name" if column in _WORDS_OF_TIME else column


def _describe_time(name: str) -> dict[str, Any]:
    return {"name": name, "type": "time", "expr": name, "type_params": {"time_granularity": "day"}}


def _describe_no_time() -> dict[str, Any]:
    """A table without a day, whose measures dbt wants to know a day of: one long ago."""
    return {**_describe_time("no_date"), "expr": "cast('1900-01-01' as date)"}


def _choose_time(table: str, times: list[str]) -> str:
    """The day in the table's key, else the day of the order, of measurement, or whatever it has."""
    preferred = (*load_tables()[table].key, "order_date", "as_of_date", *times, "no_date")
    return next(name for name in preferred if name in times or name == "no_date")


def _list_own_metrics(table: str) -> list[Metric]:
    return [metric for metric in load_metrics().values() if not metric.parts and table in metric.tables]


def _describe_measure(metric: Metric, table: str, dialect: str) -> dict[str, Any]:
    name = f"{metric.name}_of_{table}"
    if table in metric.stored:
        return {"name": name, "agg": "max", "expr": metric.stored[table]}
    column = metric.of[table]
    aggregate = "count" if column == "*" else _AGGREGATES[metric.type]
    value = "1" if column == "*" else column
    if metric.cast:
        value = f"cast({value} as {metric.cast})"
    if metric.where:
        value = f"case when {metric.where} then {value} end"
    return {"name": name, "agg": aggregate, "expr": _translate(value, dialect)}


def _translate(expression: str, dialect: str) -> str:
    """The metrics are written in DuckDB's dialect, in which readers ask for them."""
    if dialect == "duckdb":
        return expression
    import sqlglot

    return str(sqlglot.transpile(expression, read="duckdb", write=dialect)[0])


def _describe_metric(metric: Metric, tables: list[str]) -> Iterator[dict[str, Any]]:
    for table in metric.tables:
        if table in tables:
            name = name_metric(metric.name, table, tables)
            yield {
                "name": name,
                "label": metric.label if name == metric.name and _is_only_label(metric) else f"{metric.label} ({name})",
                "description": _explain(metric, table),
                **_describe_computation(metric, table, tables),
                "config": {"meta": {"format": metric.format}},
            }


def _is_only_label(metric: Metric) -> bool:
    return sum(other.label == metric.label for other in load_metrics().values()) == 1


def _explain(metric: Metric, table: str) -> str:
    stored = list_stored_parts(metric.name, table)
    if not stored:
        return metric.description
    return f"{metric.description} Group by {', '.join(load_tables()[table].key)}: it cannot be added up."


def _describe_computation(metric: Metric, table: str, tables: list[str]) -> dict[str, Any]:
    if metric.type == "ratio":
        parts = {
            "numerator": name_metric(metric.numerator, table, tables),
            "denominator": name_metric(metric.denominator, table, tables),
        }
        return {"type": "ratio", "type_params": parts}
    if metric.type == "derived":
        named = {part: name_metric(part, table, tables) for part in metric.parts}
        expression = re.sub(r"[a-z]\w*", lambda found: named[found[0]], metric.expression)
        inputs = [{"name": name} for name in named.values()]
        return {"type": "derived", "type_params": {"expr": expression, "metrics": inputs}}
    return {"type": "simple", "type_params": {"measure": f"{metric.name}_of_{table}"}}


def write_risk_view(columns: Columns) -> str:
    """Write the view of the customers with a churn score: the columns of both tables that it joins."""
    left, right = "customer_360", "customer_churn"
    more = [name for name in columns[right] if name not in columns[left]]
    listed = ", ".join([*(f"customers.{name}" for name in columns[left]), *(f"churn.{name}" for name in more)])
    return (
        "{{ config(materialized='view', schema='semantic') }}\n\n"
        f"select {listed}\n"
        f"from {{{{ ref('{left}') }}}} as customers\n"
        f"inner join {{{{ ref('{right}') }}}} as churn on customers.customer_id = churn.customer_id\n"
    )
