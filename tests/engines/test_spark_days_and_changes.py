"""`patron run --days` and `--changed` make on Spark the tables that they make on DuckDB."""

from __future__ import annotations

import datetime as dt
import json

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from engines.conftest import ENGINES, Built
from engines.same_tables import differences
from patron.engines import open_warehouse
from patron.engines.spark import session as spark_session
from patron.pipeline.changed import run_changed
from patron.pipeline.days import run_days
from patron.pipeline.run import run
from patron.project.project import Project
from patron.transform.days import Days
from patron.transform.fingerprint import list_gold_tables
from shops import corner
from shops.building import write_project

pytestmark = [pytest.mark.spark, pytest.mark.soak, pytest.mark.timeout(3_600)]

FALSE = 777
EVERY_DAY = Days(dt.date(2024, 4, 1), dt.date(2024, 7, 1))
WEEK = Days(dt.date(2024, 5, 12), dt.date(2024, 5, 18))
DAYS = {
    "measures.day_lines": "order_date",
    "measures.day_channel_lines": "order_date",
    "measures.day_measures": "calendar_date",
    "gold.daily_metrics": "activity_date",
    "gold.daily_metrics_by_channel": "activity_date",
    "gold.engagement_daily": "activity_date",
    "gold.kpi_overall": "kpi_date",
    "gold.dim_date": "calendar_date",
}
CHANGES = {"churn": {"window_days": 30}, "clv": {"gross_margin": 0.5}, "rfm": {"method": "ntile"}}


def settings(engine: str, **changes):
    found = corner.settings(warehouse={"engine": engine}, **changes)
    found["sources"]["till"]["entities"]["order_lines"]["columns"]["channel"] = "'till'"
    return json.dumps(found)


@pytest.fixture(scope="module")
def shops(spark_ready, tmp_path_factory) -> dict[str, Built]:
    """Engine -> the corner shop on it."""
    root, found = tmp_path_factory.mktemp("days"), {}
    for engine in ENGINES:
        project = Project.load(write_project(root / engine, settings(engine), corner.FILES))
        found[engine] = Built(project, run(project), open_warehouse(project))
    return found


def both(shops: dict[str, Built], table: str) -> tuple[pa.Table, pa.Table]:
    one, other = (shops[engine].warehouse.query(f"select * from {table}") for engine in ENGINES)
    return one, other


def list_counts(rows: pa.Table) -> list[str]:
    return [field.name for field in rows.schema if pa.types.is_int64(field.type)]


def falsify(spark: Built, table: str) -> None:
    """Lose one day of a table, and make every count of the others false."""
    session = spark_session.running(spark.warehouse.folder)
    session.sql(f"delete from {table} where {DAYS[table]} = date '2024-05-15'")
    counts = list_counts(spark.warehouse.query(f"select * from {table} limit 0"))
    if counts:
        session.sql(f"update {table} set {', '.join(f'{name} = {FALSE}' for name in counts)}")


def test_all_days_built_again_are_those_of_a_full_build(shops):
    for table in DAYS:
        falsify(shops["spark"], table)
    report = run_days(shops["spark"].project, EVERY_DAY)
    assert set(report.built) >= {table.split(".")[1] for table in DAYS}
    for table in DAYS:
        assert differences(*both(shops, table), relative=1e-9) == [], table


def test_the_other_days_stay_as_they_are(shops):
    falsify(shops["spark"], "gold.engagement_daily")
    run_days(shops["spark"].project, WEEK)
    right, found = both(shops, "gold.engagement_daily")
    is_chosen = lambda rows: pc.is_in(rows["activity_date"], pa.array(WEEK.list_days()))  # noqa: E731
    assert found.filter(is_chosen(found)).num_rows == 7
    assert differences(right.filter(is_chosen(right)), found.filter(is_chosen(found)), relative=1e-9) == []
    others = found.filter(pc.invert(is_chosen(found)))
    assert others.num_rows == right.num_rows - 7
    assert {value for name in list_counts(others) for value in others[name].to_pylist()} == {FALSE}
    run_days(shops["spark"].project, EVERY_DAY)


def test_a_changed_setting_builds_the_same_models_to_the_same_gold(shops):
    reports = {}
    for engine, shop in shops.items():
        write_project(shop.project.root, settings(engine, **CHANGES), {})
        reports[engine] = run_changed(Project.load(shop.project.root))
    assert reports["spark"].models_rebuilt == reports["duckdb"].models_rebuilt
    assert {"customer_days", "order_lines", "dim_date"}.isdisjoint(reports["spark"].built)
    for table in list_gold_tables(shops["spark"].project):
        assert differences(*both(shops, f"gold.{table}"), relative=1e-9) == [], table
