"""`patron run --days`: chosen days of the day-grained tables are built again, to the rows of a full build."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from pathlib import Path

import duckdb
import pytest

from faults.projects import patron
from patron.errors import NothingBuiltError, SettingsError
from patron.pipeline.days import run_days
from patron.project.project import Project
from patron.transform import shipped_sql
from patron.transform.days import Days
from shops import corner
from shops.building import BuiltShop, write_project
from shops.own_tables import make_own

SQL = Path(shipped_sql.__file__).parent / "sql" / "models"
WEEK = Days(dt.date(2024, 5, 12), dt.date(2024, 5, 18))
TABLES = {
    "measures.day_lines": "order_date",
    "measures.day_channel_lines": "order_date",
    "measures.day_measures": "calendar_date",
    "gold.daily_metrics": "activity_date",
    "gold.daily_metrics_by_channel": "activity_date",
    "gold.engagement_daily": "activity_date",
    "gold.kpi_overall": "kpi_date",
    "gold.dim_date": "calendar_date",
}


def settings(**more):
    found = corner.settings(**more)
    found["sources"]["till"]["entities"]["order_lines"]["columns"]["channel"] = "'till'"
    return found


@pytest.fixture(scope="module")
def shop(build_shop) -> BuiltShop:
    return build_shop("days", settings(), corner.FILES)


@pytest.fixture
def copy(shop, tmp_path) -> BuiltShop:
    shutil.copytree(shop.folder, tmp_path / "copy")
    return BuiltShop(tmp_path / "copy")


def damage(shop: BuiltShop) -> None:
    """Lose every row of one day, and falsify all others, in every day-grained table."""
    with duckdb.connect(str(shop.project.warehouse)) as connection:
        make_own(connection, *TABLES)
        for table, day in TABLES.items():
            connection.execute(f"delete from {table} where {day} = date '2024-05-15'")
            numbers = [
                row[0]
                for row in connection.execute(f"describe {table}").fetchall()
                if row[1] in ("BIGINT", "INTEGER") or row[1].startswith("DECIMAL")
            ]
            changes = ", ".join(f"{name} = 777" for name in numbers)
            connection.execute(f"update {table} set {changes}")


def published(shop: BuiltShop, table: str) -> list[tuple]:
    name = patron("run", "--quiet", "--json", folder=shop.folder).json["snapshot"]
    return duckdb.sql(f"select * from '{shop.folder}/.patron/published/{name}/{table}.parquet' order by all").fetchall()


def test_the_day_grained_tables_are_those_whose_key_begins_with_their_day():
    declared = {}
    for path in SQL.rglob("*.yml"):
        if found := re.search(r"meta: \{(?:.*, )?day: (\w+)\}", path.read_text()):
            folder = "gold" if "gold" in path.parts else "measures"
            declared[f"{folder}.{path.stem}"] = found[1]
            assert re.search(rf"key: \[{found[1]}[,\]]", path.read_text()), path
    assert declared == TABLES


def test_only_the_chosen_days_are_built_and_equal_a_full_build(shop, copy):
    run_days(Project.load(copy.folder), WEEK)  # of tables that are files
    for table in TABLES:
        assert copy.query(f"select * from {table} order by all") == shop.rows(table), table
    damage(copy)
    before = {table: copy.query(f"select * from {table} order by all") for table in TABLES}
    report = run_days(Project.load(copy.folder), Days(dt.date(2024, 4, 1), dt.date(2024, 7, 1)))
    for table in TABLES:  # every day of the data: the tables of the full build
        assert copy.query(f"select * from {table} order by all") == shop.rows(table), table
    assert {f"{'gold' if name in report.snapshot.tables else 'measures'}.{name}" for name in report.built} == set(
        TABLES
    )

    damage(copy)
    assert before == {table: copy.query(f"select * from {table} order by all") for table in TABLES}


def test_the_other_days_stay_as_they_are(shop, copy):
    """Each table is built from the right rows of those before it, and only its own other days are false."""
    order = list(TABLES)
    with duckdb.connect(str(copy.project.warehouse)) as connection:
        make_own(connection, *order[3:])
        for table in order[3:]:
            numbers = [row[0] for row in connection.execute(f"describe {table}").fetchall() if row[1] == "BIGINT"]
            changes = ", ".join(f"{name} = 777" for name in numbers) or "calendar_year = 777"
            connection.execute(f"update {table} set {changes}")
            connection.execute(f"delete from {table} where {TABLES[table]} = date '2024-05-15'")
    false = {table: copy.query(f"select * from {table} order by all") for table in order[3:]}
    others = {
        table: copy.query(f"select * from {table} order by all")
        for table in ("gold.customer_360", "gold.period_metrics")
    }
    report = run_days(Project.load(copy.folder), WEEK)
    assert report.is_new
    for table in order[3:]:
        day = TABLES[table]
        found = copy.query(f"select * from {table} order by all")
        is_chosen = lambda row, day=day: WEEK.first <= row[day] <= WEEK.last  # noqa: E731
        assert list(filter(is_chosen, found)) == list(filter(is_chosen, shop.rows(table))), table
        assert [r for r in found if not is_chosen(r)] == [r for r in false[table] if not is_chosen(r)], table
        assert len([row for row in found if is_chosen(row)]) == (7 if table != "gold.daily_metrics_by_channel" else 1)
    for table, rows in others.items():
        assert copy.query(f"select * from {table} order by all") == rows
    # what is published has both, and a run with nothing new leaves it so
    rows = published(copy, "engagement_daily")
    assert len(rows) == len(shop.rows("gold.engagement_daily"))
    assert sum(777 in row for row in rows) == len(rows) - 7


def test_a_changed_project_is_not_built_by_days(copy):
    write_project(copy.folder, settings(churn={"window_days": 30}), {})
    with pytest.raises(NothingBuiltError, match="two definitions"):
        run_days(Project.load(copy.folder), WEEK)


def test_days_outside_the_data_are_none(copy):
    outcome = patron("run", "--days", "2031-01-01..2031-01-07", "--json", folder=copy.folder)
    assert (outcome.code, outcome.json["rebuilt"]) == (0, False)
    assert outcome.json["reason"] == "no day of 2031-01-01..2031-01-07 lies in the data"


def test_days_are_read_as_a_range_or_one_day():
    assert Days.parse("2024-02-28..2024-03-01").list_days()[1:] == [dt.date(2024, 2, 29), dt.date(2024, 3, 1)]
    assert str(Days.parse("2024-02-28")) == "2024-02-28"
    for text in ("2024-02-30", "yesterday", "2024-03-01..2024-02-28", "2024-01-01..", "2024-01-01 2024-01-02"):
        with pytest.raises(SettingsError):
            Days.parse(text)


def test_days_are_a_run_of_their_own(copy):
    for other in (["--refit"], ["--changed"], ["--as-of", "2024-05-01"], ["--select", "daily_metrics"]):
        assert patron("run", "--days", "2024-05-12", *other, folder=copy.folder).code == 2
