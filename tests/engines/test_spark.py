"""The same shop through the same models on DuckDB and on Spark: every table equal, row by row."""

from __future__ import annotations

import math
import shutil
from pathlib import Path
from typing import Any

import pytest
from shop_files import copy_shop

from patron.errors import EngineError
from patron.project import Project
from patron.run import RunReport, run
from patron.warehouse import open_warehouse
from patron.warehouse.spark_jars import delta_jars

pytestmark = pytest.mark.spark
MODELS = Path(__file__).parents[2] / "src" / "patron" / "sql" / "models"
TABLES = [f"{layer}.{path.stem}" for layer in ("gold", "silver") for path in sorted((MODELS / layer).glob("*.sql"))]
Shops = dict[str, tuple[Project, RunReport]]


@pytest.fixture(scope="module")
def shops(tmp_path_factory) -> Shops:
    """The shop, built by both engines from the same files."""
    if shutil.which("java") is None:
        pytest.skip("no Java")
    try:
        delta_jars()
    except EngineError as error:
        pytest.skip(str(error))
    built = {}
    for engine in ("duckdb", "spark"):
        project = Project.load(copy_shop(tmp_path_factory.mktemp(engine) / "shop", engine))
        built[engine] = project, run(project)
    return built


def rows(project: Project, table: str) -> list[dict[str, Any]]:
    """A table's rows as plain values, in an order that both engines share."""
    found = open_warehouse(project).query(f"select * from {table}").to_pylist()
    lineage = ("_row_key", "_batch_id")  # which landing came first may differ
    plain = [{name: value for name, value in row.items() if name not in lineage} for row in found]
    return sorted(plain, key=lambda row: repr(sorted((k, _key(v)) for k, v in row.items())))


def _key(value: Any) -> str:
    return f"{value:.9g}" if isinstance(value, float) else str(value)


def alike(one: Any, other: Any) -> bool:
    """Equal; floating-point rates to twelve digits."""
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-12)
    return bool(one == other)


@pytest.mark.parametrize("table", [*TABLES, "quarantine.row_accounting", "measures.ledger"])
def test_a_table_is_the_same_on_both(shops: Shops, table: str) -> None:
    ours, theirs = (rows(shops[engine][0], table) for engine in ("duckdb", "spark"))
    assert len(ours) == len(theirs)
    for one, other in zip(ours, theirs, strict=True):
        differing = {name: (one[name], other[name]) for name in one if not alike(one[name], other[name])}
        assert not differing, table


def test_every_rule_holds_on_both(shops: Shops) -> None:
    passed = {engine: report.tests_passed for engine, (_, report) in shops.items()}
    assert passed["duckdb"] == passed["spark"] > 0


def test_the_shop_is_no_empty_one(shops: Shops) -> None:
    project, _ = shops["duckdb"]
    assert all(rows(project, table) for table in TABLES)


def test_both_publish_the_same(shops: Shops) -> None:
    counts = [report.snapshot.tables for _, report in shops.values() if report.snapshot]
    assert len(counts) == 2
    assert counts[0] == counts[1]


def test_a_second_run_on_spark_does_nothing(shops: Shops) -> None:
    project, _ = shops["spark"]
    again = run(project)
    assert not again.is_new
    assert sum(landing.rows for landing in again.landed.values()) == 0
