"""Sums whose last digit could hang on the order of the rows: doubles added one by one, as DuckDB plans them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import duckdb

_AGGREGATES = {"BOUND_AGGREGATE", "BOUND_WINDOW"}
_IN_ANY_ORDER = {
    "any_value",
    "count",
    "first",
    "first_value",
    "lag",
    "last",
    "last_value",
    "lead",
    "max",
    "median",
    "min",
}
"""Functions that take a double as it is: nothing is added."""


def added_doubles(connection: duckdb.DuckDBPyConnection, select: str) -> list[str]:
    """The functions of a select that add doubles up, by name. connection: knows the tables that are read."""
    query = "select json_serialize_plan(?, optimize := false)"
    plan = json.loads(connection.execute(query, [select]).fetchone()[0])  # type: ignore[index]
    if plan["error"]:
        raise ValueError(plan["error_message"])
    return [
        node["name"] for node in _nodes(plan)
        if node.get("expression_class") in _AGGREGATES
        and node.get("name") not in _IN_ANY_ORDER
        and any(argument["id"] in ("DOUBLE", "FLOAT") for argument in node.get("arguments", []))
    ]  # fmt: skip


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        yield tree
    for below in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        yield from _nodes(below)
