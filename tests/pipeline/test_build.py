"""Models beside the predictions, in another thread: what is reported, and what stops, if one of the two fails."""

from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from patron.engines.duckdb import DuckDBWarehouse
from patron.errors import EngineError
from patron.pipeline.build import Builder
from patron.predict import stage as predictions
from patron.transform.node import Node
from patron.transform.plan import Plan

FULL = Plan(["nothing was built yet"], None)
ENDLESS = "select count(*) as n from range(10000000) a, range(10000000) b where a.range + b.range = 1"


def model(name: str, code: str) -> Node:
    return Node(name, "model", f"models/{name}", schema="main", code=code)


@pytest.fixture
def builder(tmp_path) -> Builder:
    settings = SimpleNamespace(warehouse=SimpleNamespace(memory_limit=None, threads=None))
    project = SimpleNamespace(warehouse=tmp_path / "w.duckdb", compiled=Path("compiled"), settings=settings)
    record = SimpleNamespace(complete=None, is_complete=False)
    return Builder(project, None, DuckDBWarehouse(project), record)


def build_beside(builder: Builder, monkeypatch, predict, *nodes: Node) -> None:
    builder._nodes = list(nodes)
    monkeypatch.setattr(predictions, "predict", lambda _, warehouse: predict(warehouse))
    with builder.warehouse.hold_open():
        builder._predict_beside(FULL, list(nodes), lambda *_: None)


def test_both_are_built(builder, monkeypatch):
    def predict(warehouse):
        warehouse.make_table("main", "predicted", "select 1 as n")
        return ["well"]

    build_beside(builder, monkeypatch, predict, model("plain", "select 2 as n"))
    assert builder.outcomes == ["well"]
    found = builder.warehouse.query("select n from predicted union all select n from plain order by n")
    assert found["n"].to_pylist() == [1, 2]


def test_predictions_run_to_their_end_if_a_model_cannot_be_built(builder, monkeypatch):
    """What they fitted is kept; the error is raised afterwards."""

    def predict(warehouse):
        for n in range(20):
            assert warehouse.query(f"select sum(range) as n from range({1_000_000 + n})").num_rows == 1
        return ["well"]

    with pytest.raises(EngineError, match=r"The model wrong could not be built: .*nonsense"):
        build_beside(builder, monkeypatch, predict, model("wrong", "select nonsense"), model("plain", "select 2 as n"))
    assert builder.outcomes == ["well"]


def test_predictions_that_fail_stop_the_models(builder, monkeypatch):
    def predict(warehouse):
        time.sleep(0.3)
        warehouse.query("select wrongly")

    with pytest.raises(EngineError, match="wrongly"):
        build_beside(builder, monkeypatch, predict, model("never", ENDLESS))


def test_ctrl_c_stops_both(builder, monkeypatch):
    def predict(_):
        time.sleep(0.3)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_beside(builder, monkeypatch, predict, model("never", ENDLESS))
    assert builder.warehouse.query("select 1 as n").num_rows == 1
