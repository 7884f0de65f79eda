"""The definitions shown below charts and tables, from the metrics and the descriptions of the gold models."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from patron.contract.metrics import get_metric
from patron.serve.dashboard.widgets.labels import label
from patron.transform.model_docs import load_model_docs


@dataclass(frozen=True)
class Definition:
    """The definition of a figure.

    name: its label on the page. text: in plain words. source: `metrics.name`, or `table` or `table.column` of gold.
    """

    name: str
    text: str
    source: str = ""


def load_definitions(of: Iterable[str | Definition]) -> list[Definition]:
    """Return the definition of each `metrics.name`, `table` (its grain) or `table.column`; Definitions pass through.

    Raises KeyError for a table or column that gold does not describe, SettingsError for an unknown metric.
    """
    return [one if isinstance(one, Definition) else _load_definition(one) for one in of]


def _load_definition(name: str) -> Definition:
    table, _, column = name.removeprefix("gold.").partition(".")
    if table == "metrics":
        metric = get_metric(column)
        return Definition(metric.label, metric.description, name)
    described = _load_model(table)
    if not column:
        return Definition("Each row", _to_plain_text(described["description"].removeprefix("Grain: ")), table)
    return Definition(label(column), _to_plain_text(described["columns"][column]), name)


def _to_plain_text(text: str) -> str:
    """Return the description with every column replaced by its label."""
    named = re.sub(r"\b[a-z][a-z0-9]*(?:_[a-z0-9]+)+\b", lambda found: label(found[0]).lower(), text)
    return named[:1].upper() + named[1:]


@cache
def _load_model(table: str) -> dict[str, Any]:
    yml = load_model_docs(table)
    columns = {column["name"]: column["description"] for column in yml["columns"]}
    return {"description": yml["description"], "columns": columns}
