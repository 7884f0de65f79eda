"""dbt alone on Spark takes in what lands, batch by batch, and its tables equal those of a full build on DuckDB."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from engines.conftest import spark_ready  # noqa: F401
from engines.same_tables import differences
from invariant.feeds import deliver, write_settings
from invariant.test_dbt_builds import LAYERS, WITHOUT, feed_of_corrections
from patron.engines import open_warehouse
from patron.pipeline.dbt import land, run_dbt
from patron.project.project import Project

pytestmark = [pytest.mark.spark, pytest.mark.soak, pytest.mark.timeout(3_600)]


def on_engine(folder: Path, engine: str) -> Project:
    """The shop in a folder, on one engine."""
    path = folder / "patron.yaml"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"warehouse": {"engine": engine}}), encoding="utf-8")
    return Project.load(folder)


def build(project: Project) -> None:
    """In this process, whose one session is warm."""
    assert run_dbt(project, ["build", *WITHOUT]) == 0


def build_in_full_on_duckdb(shop: Path, target: Path) -> Project:
    """The same landings, built once."""
    shutil.copytree(shop, target, ignore=shutil.ignore_patterns("spark", "dbt", "built.json"))
    project = on_engine(target, "duckdb")
    build(project)
    return project


def list_tables(project: Project) -> list[str]:
    sql = (
        "select table_schema || '.' || table_name as it from information_schema.tables where table_type = 'BASE TABLE'"
    )
    found = open_warehouse(project).query(sql).column("it").to_pylist()
    return sorted(name for name in found if name.split(".")[0] in LAYERS)


@pytest.fixture(scope="module")
def shops(spark_ready, tmp_path_factory) -> dict[str, Project]:  # noqa: F811
    """Engine -> the shop: on Spark after three builds of dbt, on DuckDB after one of all landings."""
    root = tmp_path_factory.mktemp("dbt")
    (root / "shop").mkdir()
    for number, batch in enumerate(feed_of_corrections()):
        write_settings(root / "shop", {})
        deliver(root / "shop", number, batch)
        project = on_engine(root / "shop", "spark")
        land(project)
        build(project)
    return {"spark": project, "duckdb": build_in_full_on_duckdb(root / "shop", root / "full")}


def test_three_batches_on_spark_equal_a_full_build_on_duckdb(shops):
    tables = list_tables(shops["duckdb"])
    assert len(tables) > 40
    one, other = (open_warehouse(shops[engine]) for engine in ("duckdb", "spark"))
    unequal = {
        table: differences(one.query(f"select * from {table}"), other.query(f"select * from {table}"), relative=1e-9)
        for table in tables
    }
    assert {table: found for table, found in unequal.items() if found} == {}


def test_each_batch_began_where_the_one_before_it_ended(shops):
    sql = "select since_batch, highest_batch from meta.dbt_builds where is_complete order by build_number"
    builds = [tuple(row.values()) for row in open_warehouse(shops["spark"]).query(sql).to_pylist()]
    first, second, third = builds
    assert (first[0], second[0], third[0]) == (0, first[1], second[1])
    assert first[1] < second[1] < third[1]
