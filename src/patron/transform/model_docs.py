"""The documentation of a gold model in the yml beside it: grain, columns, tests, and the mappings that it needs."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any


def load_model_docs(table: str) -> dict[str, Any]:
    """Load the shipped dbt properties of a gold model; an empty dict for a model that the user added.

    Keys, where present: name, description, columns (a list of name and description), config, data_tests.
    """
    from patron.transform.compile.data_tests import read_yaml

    gold = Path(str(resources.files("patron.transform").joinpath("sql", "models", "gold")))
    path = next(gold.glob(f"*/{table}.yml"), None)
    if path is None:
        return {}
    docs: dict[str, Any] = read_yaml(path.read_text(encoding="utf-8"))["models"][0]
    return docs


def find_data_test(docs: dict[str, Any]) -> dict[str, Any]:
    """Find what must hold in a model, as its documentation says: key, never_null, refers, ...; empty if nothing."""
    tests = (test["holds"] for test in docs.get("data_tests", []) if isinstance(test, dict) and "holds" in test)
    return dict(next((test.get("arguments", {}) for test in tests), {}))
