"""Why gold tables are empty: what they need (each model's yml says it) and no mapping gives."""

from __future__ import annotations

from collections.abc import Mapping

from patron.predict.outcome import load_withheld_reason
from patron.project.project import Project
from patron.transform.model_docs import load_model_docs

PREDICTED = {
    "customer_clusters": "clusters",
    "cluster_profiles": "clusters",
    "new_customer_value": "purchases",
    "model_scores": "purchases",
    "model_calibration": "purchases",
    "model_tracking": "purchases",
}
"""Tables that stay empty where a prediction is withheld -> which one; it says why."""

NO_ROWS = "what it needs is mapped, and no row qualifies"


def why_empty(project: Project, rows: Mapping[str, int]) -> dict[str, str]:
    """Table -> why it has no row, for those of `rows` (table -> its rows) that have none."""
    mapped = project.mapped_columns()
    return {table: _why(project, mapped, table) for table, count in rows.items() if count == 0}


def lacking(project: Project, table: str) -> list[str]:
    """What a gold table needs and no mapping gives, in the words of its yml."""
    return _lacking(project.mapped_columns(), table)


def _why(project: Project, mapped: Mapping[str, list[str]], table: str) -> str:
    missing = _lacking(mapped, table)
    if missing:
        return f"nothing maps {' and '.join(missing)}"
    return (load_withheld_reason(project.models, PREDICTED[table]) if table in PREDICTED else "") or NO_ROWS


def _lacking(mapped: Mapping[str, list[str]], table: str) -> list[str]:
    return [need for need in needs(table) if not _is_met(mapped, need)]


def needs(table: str) -> list[str]:
    """What a gold table is made of: entities or `entity.column`; ` or ` stands between those of which one is enough."""
    config = load_model_docs(table).get("config", {})
    found: list[str] = config.get("meta", {}).get("needs", [])
    return found


def _is_met(mapped: Mapping[str, list[str]], need: str) -> bool:
    for one in need.split(" or "):
        entity, _, column = one.partition(".")
        if column in mapped.get(entity, []) or (not column and entity in mapped):
            return True
    return False
