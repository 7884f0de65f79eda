"""Customers who are enough, but do not tell a model: found once, said in every run, tried again when there is reason."""

from __future__ import annotations

from types import SimpleNamespace

import pyarrow as pa
import pytest

from patron.predict.clv.stage import SCORES, run_purchases
from patron.project.settings import ProjectSettings

ALIKE = pa.table({"repeat_count": [2], "recency_days": [60], "age_days": [120], "customer_count": [500]})


@pytest.fixture
def judged(monkeypatch) -> list[int]:
    """A mark for each time that the shop's past was judged, which is what costs."""
    marks: list[int] = []
    nothing = SimpleNamespace(choice=SimpleNamespace(model=None, why="nothing to judge"), withheld=["too young"])
    monkeypatch.setattr("patron.predict.evaluation.evaluate.evaluate", lambda *_, **__: marks.append(1) or nothing)
    return marks


def test_a_refusal_is_remembered(tmp_path, judged):
    written = {}
    warehouse = SimpleNamespace(
        query=lambda sql: ALIKE, write=lambda schema, table, rows: written.update({(schema, table): rows.num_rows})
    )
    settings = ProjectSettings.model_validate({"shop": {"name": "Alike"}, "sources": {"till": {"files": "*"}}})
    for day, times in (("2024-06-01", 1), ("2024-06-10", 1), ("2024-07-01", 2)):
        told = run_purchases(warehouse, tmp_path, settings, day)
        assert told.withheld == ["All 500 customers have the same history; how they differ cannot be told."]
        assert (len(judged), written[SCORES]) == (times, 0)
