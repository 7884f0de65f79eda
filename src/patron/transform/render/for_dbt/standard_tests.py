"""dbt's standard tests of a model, from the rules that its `holds` states."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

ColumnTest = tuple[str, str | dict[str, Any]]
"""A column, and a test of it as a yml file states it."""


def add_standard_tests(model: Mapping[str, Any]) -> dict[str, Any]:
    """Add to a model's properties the standard tests that say what its `holds` says. Conditions stay its own."""
    columns = {column["name"]: dict(column) for column in model.get("columns", ())}
    for name, test in _list_column_tests(model):
        column = columns.setdefault(name, {"name": name})
        column["data_tests"] = [*column.get("data_tests", ()), test]
    return {**model, "columns": list(columns.values())}


def list_arguments(model: Mapping[str, Any], name: str) -> Any:
    """Return an argument of a model's `holds`, such as its key; empty where it has none."""
    return _read_rules(model).get(name) or {}


def _list_column_tests(model: Mapping[str, Any]) -> Iterator[ColumnTest]:
    rules = _read_rules(model)
    key = rules.get("key", [])
    if len(key) == 1:
        yield key[0], "unique"
    yield from ((column, "not_null") for column in _without_repeats([*key, *rules.get("never_null", ())]))
    for column, values in rules.get("one_of", {}).items():
        yield column, {"accepted_values": {"arguments": {"values": list(values), "quote": _are_texts(values)}}}
    for column, (model_name, field) in rules.get("refers", {}).items():
        yield column, {"relationships": {"arguments": {"to": f"ref('{model_name}')", "field": field}}}
    for column, limits in rules.get("between", {}).items():
        yield column, {"accepted_range": {"arguments": _name_limits(limits)}}


def _read_rules(model: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for test in model.get("data_tests", ()):
        if isinstance(test, Mapping) and "holds" in test:
            found |= test["holds"].get("arguments", {})
    return found


def _without_repeats(columns: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(columns))


def _are_texts(values: Iterable[Any]) -> bool:
    return all(isinstance(value, str) for value in values)


def _name_limits(limits: Iterable[Any]) -> dict[str, Any]:
    names = ("min_value", "max_value")
    return {name: limit for name, limit in zip(names, limits, strict=True) if limit is not None}
