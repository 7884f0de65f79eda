"""Models by what they read, and by what `--select` asks for."""

from __future__ import annotations

import pytest

from patron.errors import SettingsError
from patron.transform.graph import find_prediction_readers, select_nodes, with_ancestors, with_descendants
from patron.transform.node import Node


def model(name: str, *parents: str, folder: str = "measures", **more: object) -> Node:
    return Node(name, "model", f"models/{folder}/{name}", schema=folder, parents=parents, **more)


LINES = model("lines", folder="silver", sources=("bronze.till",), tags=("nightly",))
SUMS = model("sums", "lines")
BEST = model("best", "sums", folder="gold/sales", tags=("daily",))
RULE = Node("positive", "test", "tests/measures.sums", parents=("sums",), rules_of="sums")
NODES = [LINES, SUMS, BEST, RULE]


def test_what_needs_predictions_is_found_through_others_and_with_its_tests():
    scored = model("scored", sources=("predictions.churn_scores",))
    late, later = model("late", "scored", "sums"), model("later", "late")
    rule = Node("rule", "test", "tests/s.later", parents=("later",))
    waiting = find_prediction_readers([rule, later, late, scored, *NODES])
    assert {node.name for node in waiting} == {"scored", "late", "later", "rule"}


def test_ancestors():
    assert with_ancestors(NODES, ["best", "unknown"]) == {"best", "sums", "lines"}
    assert with_ancestors(NODES, ["best"], depth=1) == {"best", "sums"}


def test_descendants():
    assert with_descendants(NODES, ["lines", "unknown"]) == {"best", "sums", "lines"}
    assert with_descendants(NODES, ["lines"], depth=1) == {"sums", "lines"}


@pytest.mark.parametrize(
    ("select", "found"),
    [
        ("sums", {"sums", "positive"}),
        ("+best", {"lines", "sums", "best", "positive"}),
        ("lines+", {"lines", "sums", "best", "positive"}),
        ("lines best", {"lines", "best"}),
        ("tag:daily", {"best"}),
        ("tag:*ly", {"lines", "best"}),
        ("gold", {"best"}),
        ("models/gold", {"best"}),
        ("source:bronze.till+1", {"lines"}),
        ("lines+,gold", {"best"}),
        ("nothing", set()),
    ],
)
def test_selections(select, found):
    assert select_nodes(NODES, select) == found


@pytest.mark.parametrize("select", ["++best", "best++", "@best", "state:modified"])
def test_what_is_no_selection_is_refused(select):
    with pytest.raises(SettingsError, match="select"):
        select_nodes(NODES, select)
