"""The star schema in the lake: Delta tables that any engine reads, equal to gold whichever engine wrote them."""

from __future__ import annotations

import json

import duckdb
import pytest
from deltalake import DeltaTable

from engines.conftest import spark_ready  # noqa: F401
from engines.same_tables import differences
from faults.projects import patron
from patron.engines import open_warehouse
from patron.errors import NothingBuiltError
from patron.lake import Lake
from patron.pipeline.run import run
from patron.project.project import Project
from patron.publish.star import find_star_folder, list_star_tables, write_star
from shops import corner
from shops.building import write_project


def read(project: Project, table: str):
    """As DuckDB reads it, without anything of the warehouse that wrote it."""
    rows = DeltaTable(find_star_folder(project) / table).to_pyarrow_dataset()
    with duckdb.connect() as engine:
        return engine.sql("select * from rows").to_arrow_table(), rows.schema


def check_star(project: Project) -> None:
    warehouse = open_warehouse(project)
    tables = list_star_tables(project)
    assert len(tables) == 11
    for table in tables:
        assert differences(warehouse.query(f"select * from gold.{table}"), read(project, table)[0]) == [], table
    orders = {row["order_id"]: row for row in read(project, "fct_orders")[0].to_pylist()}
    assert {line["receipt"] for line in corner.LINES if line["receipt"] in ("A1", "D1", "H2")} <= orders.keys()


@pytest.fixture(scope="module")
def main(build_shop):
    """The corner shop on DuckDB; what is written to its lake is no source of it."""
    return build_shop("star", corner.settings(), corner.FILES)


def test_the_star_in_the_lake_is_that_of_gold(main):
    before = Lake(main.project.lake).next_batch_id()
    done = patron("star", "--json", folder=main.folder)
    assert done.code == 0
    assert done.json["tables"]["fct_orders"] == len(main.rows("gold.fct_orders")) > 10
    check_star(main.project)
    lake = Lake(main.project.lake)
    assert (set(lake.sources()), lake.next_batch_id()) == (set(main.project.settings.sources), before)


def test_writing_again_replaces_each_table_in_one_commit(main):
    write_star(main.project)
    version = DeltaTable(find_star_folder(main.project) / "dim_customer").version()
    write_star(main.project)
    assert DeltaTable(find_star_folder(main.project) / "dim_customer").version() == version + 1
    check_star(main.project)


def test_before_a_complete_build_there_is_no_star(tmp_path):
    project = Project.load(write_project(tmp_path / "shop", corner.settings(), corner.FILES))
    with pytest.raises(NothingBuiltError):
        write_star(project)


@pytest.mark.spark
@pytest.mark.soak
@pytest.mark.timeout(3_600)
def test_spark_writes_the_star_that_duckdb_reads(spark_ready, main, tmp_path):  # noqa: F811
    settings = json.dumps(corner.settings(warehouse={"engine": "spark"}))
    project = Project.load(write_project(tmp_path / "shop", settings, corner.FILES))
    run(project)
    assert write_star(project)["fct_orders"] == len(main.rows("gold.fct_orders"))
    check_star(project)
    write_star(main.project)
    for table in list_star_tables(project):
        one, other = read(main.project, table), read(project, table)
        assert differences(one[0], other[0], relative=1e-9) == [], table
        assert [(f.name, str(f.type)) for f in one[1]] == [(f.name, str(f.type)) for f in other[1]], table
