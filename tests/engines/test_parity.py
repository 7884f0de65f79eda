"""Each shop that ships is the same on both engines: by default up to silver, where shops differ; to gold in soak."""

from __future__ import annotations

import pytest
from benchmarks.parity.compare import Comparison, compare_parts, compare_whole
from benchmarks.parity.shops import REAL, SMALL, TwoProjects

from engines.conftest import ENGINES, ModelBuild
from engines.same_tables import differences
from patron.transform.graph import with_ancestors

pytestmark = pytest.mark.spark
LAYERS = ("silver", "quarantine")


def build_silver(shop: TwoProjects) -> dict[str, dict[str, object]]:
    """Engine -> table -> its rows, of all that a mapping decides."""
    found = {}
    for engine in ENGINES:
        build = ModelBuild(shop.projects[engine])
        nodes = [node for node in build.nodes if node.kind != "test"]
        names = with_ancestors(nodes, [node.name for node in nodes if node.schema in LAYERS])
        built = build.make(names)
        tables = [table for table in built.tables if table.split(".")[0] in LAYERS]
        found[engine] = {table: built.warehouse.query(f"select * from {table}") for table in tables}
    return found


QUICK = ("food_delivery", "online_retail")
"""Shops that are compared in every test run; the others take a minute each."""


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.soak) for name in SMALL]
)
def test_what_a_shop_maps_is_the_same_on_both(spark_ready, tmp_path, name):
    one, other = build_silver(TwoProjects(name, tmp_path)).values()
    assert one.keys() == other.keys()
    assert one["silver.order_lines"].num_rows > 50
    unequal = {table: differences(one[table], other[table]) for table in one}
    assert {table: found for table, found in unequal.items() if found} == {}


def mismatches(compared: list[Comparison]) -> dict[tuple[str, str], list[str]]:
    return {(one.when, one.table): one.mismatches for one in compared if one.mismatches}


@pytest.mark.soak
@pytest.mark.timeout(7_200)
@pytest.mark.parametrize("name", [*SMALL, REAL])
def test_gold_is_the_same_on_both(spark_ready, request, tmp_path, name):
    if name == REAL:
        request.getfixturevalue("online_retail_days")
    compared = list(compare_whole(name, tmp_path))
    assert len(compared) > 50
    assert mismatches(compared) == {}


@pytest.mark.soak
@pytest.mark.timeout(7_200)
@pytest.mark.parametrize("name", [*SMALL, REAL])
def test_gold_is_the_same_on_both_after_each_of_three_parts(spark_ready, request, tmp_path, name):
    if name == REAL:
        request.getfixturevalue("online_retail_days")
    compared = list(compare_parts(name, tmp_path))
    assert {one.when for one in compared} == {"part 1", "part 2", "part 3"}
    assert mismatches(compared) == {}
