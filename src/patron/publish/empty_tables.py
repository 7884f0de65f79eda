"""Explains why gold tables are empty: no source maps what they need, which the yml of each model lists."""

from __future__ import annotations

from collections.abc import Mapping

from patron.predict.outcome import load_withheld_reason
from patron.project.project import Project
from patron.transform.model_docs import load_model_docs

PREDICTED = {
    "customer_clusters": "clusters",
    "cluster_profiles": "clusters",
    "new_customer_value": "purchases",
    "covariate_effects": "purchases",
    "model_scores": "purchases",
    "model_calibration": "purchases",
    "model_tracking": "purchases",
}
"""Table that is empty if a prediction is withheld -> that prediction, whose reason is shown."""

NO_ROWS = "its inputs are mapped, and no row qualifies"


def explain_empty_tables(project: Project, rows: Mapping[str, int]) -> dict[str, str]:
    """Explain why tables are empty. rows: table -> its rows. Returns table -> reason, for those without rows."""
    mapped = project.mapped_columns()
    return {table: _explain(project, mapped, table) for table, count in rows.items() if count == 0}


def list_unmapped_needs(project: Project, table: str) -> list[str]:
    """List what a gold table needs and no mapping provides, as its yml spells it."""
    return _list_unmapped(project.mapped_columns(), table)


def _explain(project: Project, mapped: Mapping[str, list[str]], table: str) -> str:
    missing = _list_unmapped(mapped, table)
    if missing:
        return f"no source maps {' and '.join(missing)}"
    return (load_withheld_reason(project.models, PREDICTED[table]) if table in PREDICTED else "") or NO_ROWS


def _list_unmapped(mapped: Mapping[str, list[str]], table: str) -> list[str]:
    return [need for need in list_needs(table) if not _is_met(mapped, need)]


def list_needs(table: str) -> list[str]:
    """List what a gold table is built from: entities or `entity.column`; ` or ` separates alternatives."""
    config = load_model_docs(table).get("config", {})
    found: list[str] = config.get("meta", {}).get("needs", [])
    return found


def _is_met(mapped: Mapping[str, list[str]], need: str) -> bool:
    for one in need.split(" or "):
        entity, _, column = one.partition(".")
        if column in mapped.get(entity, []) or (not column and entity in mapped):
            return True
    return False
