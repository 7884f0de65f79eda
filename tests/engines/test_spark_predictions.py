"""A shop large enough to be predicted: with the same stored models, Spark gives the predictions that DuckDB gives."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from engines.conftest import ENGINES, Built
from engines.same_tables import differences
from patron.engines import open_warehouse
from patron.pipeline.run import run
from patron.predict.clv import covariate_effects, trend
from patron.project.project import Project
from patron.simulate import ShopSpec, write_shop
from shops.building import write_project

pytestmark = [pytest.mark.spark, pytest.mark.soak, pytest.mark.timeout(3_600)]

SPEC = ShopSpec(customers=600, start=dt.date(2024, 1, 1), days=300, seed=3, lines_per_order=1.2, refund_rate=0.05)
COLUMNS = "order_id line_number ordered_at customer_id product_id product_name quantity unit_price country"
PREDICTED = ("customer_clv", "customer_churn", "customer_clusters")
TOLD = (
    "cluster_profiles",
    "new_customer_value",
    "covariate_effects",
    "model_scores",
    "model_calibration",
    "model_tracking",
)


def shop(folder: Path, engine: str) -> Project:
    columns = {name: name for name in COLUMNS.split()}
    settings = {
        "shop": {"name": "Simulated", "currency": "GBP", "timezone": "UTC"},
        "clv": {"gross_margin": 0.4},
        "sources": {"till": {"files": "lines-*", "entities": {"order_lines": {"columns": columns}}}},
        "warehouse": {"engine": engine},
    }
    write_project(folder, settings, {})
    write_shop(SPEC, folder / "data")
    return Project.load(folder)


@pytest.fixture(scope="module")
def predicted(spark_ready, tmp_path_factory) -> dict[str, Built]:
    """Engine -> the shop on it. DuckDB fits; Spark is given the models that were fitted there."""
    root = tmp_path_factory.mktemp("predicted")
    shops: dict[str, Built] = {}
    for engine in ENGINES:
        project = shop(root / engine, engine)
        if shops:
            shutil.copytree(shops["duckdb"].project.models, project.models)
        shops[engine] = Built(project, run(project), open_warehouse(project))
    return shops


def test_everything_is_predicted_and_nothing_is_fitted_again(predicted: dict[str, Built]) -> None:
    one, other = (predicted[engine].report.predictions for engine in ENGINES)
    assert [outcome.withheld for outcome in one] == [[], [], []]
    assert all(outcome.fitted for outcome in one)
    assert [(o.name, o.withheld, o.fitted, o.model) for o in other] == [(o.name, [], "", o.model) for o in one]


@pytest.mark.parametrize("table", [*PREDICTED, *TOLD])
def test_a_predicted_table_is_the_same_on_both(predicted: dict[str, Built], table: str) -> None:
    one, other = (predicted[engine].warehouse.query(f"select * from gold.{table}") for engine in ENGINES)
    assert one.num_rows > 0
    assert differences(one, other, relative=1e-9) == []


def test_there_are_numbers_to_compare(predicted: dict[str, Built]) -> None:
    query = predicted["spark"].warehouse.query
    for table, column in zip(
        PREDICTED, ("predicted_clv_3y_high_95", "churn_probability_90d", "cluster_number"), strict=True
    ):
        found = query(f"select count({column}) as n, count(distinct {column}) as d from gold.{table}").to_pylist()[0]
        assert found["n"] > 500 and found["d"] > 2, table


def test_effects_and_trends_are_asked_for_alike_on_both(predicted: dict[str, Built]) -> None:
    known = [covariate_effects._query_buyers(predicted[engine].warehouse, 400) for engine in ENGINES]
    sample = [covariate_effects._query_buyers(predicted[engine].warehouse, 40_000) for engine in ENGINES]
    for one, other in (known, sample):
        assert differences(one, other, relative=1e-9) == []
    assert 0 < sample[0].num_rows < known[0].num_rows
    found = [trend.query_trend(predicted[engine].warehouse, 400) for engine in ENGINES]
    assert found[0] is not None
    assert (found[1].per, found[1].customers) == (found[0].per, found[0].customers)
    assert (found[1].change, found[1].p_value) == pytest.approx((found[0].change, found[0].p_value))
