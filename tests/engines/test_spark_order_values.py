"""What lines take over from their orders is the same on Spark: shares, refunds, rates, statuses of heads."""

from __future__ import annotations

import pytest

from engines.conftest import ENGINES, ModelBuild
from engines.same_tables import differences
from patron.project.project import Project
from patron.transform.graph import with_ancestors
from shops import layouts
from shops.building import write_project

pytestmark = [pytest.mark.spark, pytest.mark.soak]

TABLES = ("silver.order_lines", "measures.ledger", "quarantine.row_accounting", "gold.revenue_bridge")


def test_lines_take_the_same_from_their_orders_on_both_engines(spark_ready, tmp_path):
    built = {}
    for engine in ENGINES:
        settings = layouts.settings("heads_and_lines") | {"warehouse": {"engine": engine}}
        settings["orders"] |= {"refunded_statuses": ["void"]}
        files = layouts.files(layouts.draw(7), "heads_and_lines")
        build = ModelBuild(Project.load(write_project(tmp_path / engine, settings, files)))
        nodes = {node.name: node for node in build.nodes if node.kind != "test"}
        built[engine] = build.make(with_ancestors(nodes.values(), [table.split(".")[1] for table in TABLES]))
    for table in TABLES:
        one, other = (built[engine].warehouse.query(f"select * from {table}") for engine in ENGINES)
        assert one.num_rows > 0
        assert differences(one, other) == []
