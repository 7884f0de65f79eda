"""MetricFlow, asked through dbt's semantic layer, and `patron metric` give one answer."""

from __future__ import annotations

import datetime as dt
import math
import shutil
from pathlib import Path

import pytest
from semantic_layer import MetricFlow, choose_pairs

from engines.dbt_command import dbt
from patron.project.project import Project
from patron.serve.metric import measure

pytestmark = pytest.mark.soak


@pytest.fixture(scope="module")
def shop(example, tmp_path_factory) -> Project:
    """A shop with predictions, its project parsed by dbt, and the one view built that metrics need."""
    folder = tmp_path_factory.mktemp("metrics") / "shop"
    shutil.copytree(example("online_retail").folder, folder, ignore=shutil.ignore_patterns("target", "spill*"))
    project = Project.load(Path(folder))
    dbt(project.dbt, "run", "--select", "customer_risk")
    return project


def as_values(rows):
    """Values by dimensions; a day is a day whether or not it comes with a time."""
    return {tuple(map(_as_day, row[:-1])): None if row[-1] is None else float(row[-1]) for row in rows}


def _as_day(value):
    return value.date() if isinstance(value, dt.datetime) else value


def are_equal(ours, theirs):
    return ours.keys() == theirs.keys() and all(
        one is other is None or (None not in (one, other) and math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9))
        for one, other in ((ours[key], theirs[key]) for key in ours)
    )


def test_a_hundred_pairs_of_a_hundred_agree(shop):
    flow = MetricFlow(shop.dbt, shop.warehouse)
    differing, with_values = [], 0
    pairs = choose_pairs(100)
    for pair in pairs:
        ours = as_values(measure(shop, pair.metric, pair.by, table=pair.table).rows)
        theirs = as_values([(*key, value) for key, value in flow.ask(pair).items()])
        if not are_equal(ours, theirs):
            differing.append((pair, list(ours.items())[:3], list(theirs.items())[:3]))
        with_values += any(ours.values())
    assert differing == []
    assert len(pairs) == 100
    assert with_values > 60
