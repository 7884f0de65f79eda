"""Customers who do not determine a model: found out once, reported in every run, fitted again when there is reason."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pyarrow as pa
import pytest

from patron.predict.clv.stage import predict
from patron.predict.clv.tables import SCORES
from patron.project.settings import ProjectSettings

ALIKE = pa.table({"repeat_count": [2], "recency_days": [60], "age_days": [120], "customer_count": [500]})


@pytest.fixture
def evaluations(monkeypatch) -> list[int]:
    """An entry for each evaluation on the shop's past, which is what takes time."""
    marks: list[int] = []
    nothing = SimpleNamespace(
        choice=SimpleNamespace(model=None, why="nothing to judge"), is_seasonal=False, withheld=["too young"]
    )
    monkeypatch.setattr("patron.predict.evaluation.evaluate.evaluate", lambda *_, **__: marks.append(1) or nothing)
    return marks


def test_a_refused_fit_is_not_tried_again_before_there_is_reason(tmp_path, evaluations):
    written = {}
    for day, times in (("2024-06-01", 1), ("2024-06-10", 1), ("2024-07-01", 2)):
        as_of = pa.table({"as_of_date": [dt.date.fromisoformat(day)]})
        warehouse = SimpleNamespace(
            query=lambda sql, as_of=as_of: as_of if "measures.as_of" in sql else ALIKE,
            write=lambda schema, table, rows: written.update({(schema, table): rows.num_rows}),
        )
        settings = ProjectSettings.model_validate({"shop": {"name": "Alike"}, "sources": {"till": {"files": "*"}}})
        outcome = predict(warehouse, tmp_path, settings)
        assert outcome.withheld == ["All 500 customers have the same history, so how they differ cannot be estimated."]
        assert (len(evaluations), written[SCORES]) == (times, 0)
