"""The shop as Dagster's assets: every model with what it reads, run in process as the command line runs it."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest

from faults.projects import patron
from patron import AudienceRequest
from patron.orchestrate import build_definitions
from shops import corner
from shops.building import BuiltShop, add_files, write_project
from shops.own_tables import make_own

dg = pytest.importorskip("dagster", reason="the extra dagster is not installed")

WEEK = [f"2024-05-{day}" for day in range(12, 19)]
RANGE = {"dagster/asset_partition_range_start": WEEK[0], "dagster/asset_partition_range_end": WEEK[-1]}
AUDIENCES = {"regulars": AudienceRequest("regulars", sql="select customer_id from customer_360 where order_count > 1")}


def define(folder: Path):
    return build_definitions(folder, audiences=AUDIENCES)


def execute(definitions, job: str, instance, **options):
    return definitions.resolve_job_def(job).execute_in_process(instance=instance, raise_on_error=False, **options)


def key(*path: str):
    return dg.AssetKey(list(path))


def metadata(instance, *path: str) -> dict:
    event = instance.get_latest_materialization_event(key(*path))
    assert event is not None, path
    return {name: value.value for name, value in event.asset_materialization.metadata.items()}


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A shop that Dagster has run once, with its instance."""
    folder = write_project(tmp_path_factory.mktemp("dagster") / "shop", corner.settings(), corner.FILES)
    instance = dg.DagsterInstance.ephemeral()
    done = execute(define(folder), "daily", instance)
    assert done.success
    return BuiltShop(folder), instance, done


@pytest.fixture(scope="module")
def definitions(shop):
    return define(shop[0].folder)


def test_before_the_first_run_every_model_of_the_shop_is_an_asset_already(shop, definitions, tmp_path):
    unbuilt = define(write_project(tmp_path / "new", corner.settings(), {})).resolve_asset_graph()
    built = definitions.resolve_asset_graph()
    assert unbuilt.get_all_asset_keys() == built.get_all_asset_keys()
    assert {k: unbuilt.get(k).parent_keys for k in unbuilt.get_all_asset_keys()} == {
        k: built.get(k).parent_keys for k in built.get_all_asset_keys()
    }


def test_each_asset_is_built_from_what_its_sql_names(definitions):
    graph = definitions.resolve_asset_graph()
    sql = Path(__import__("patron.transform", fromlist=["x"]).__file__).parent / "sql/models/gold"
    counts = Counter[bool]()
    for path in sql.rglob("*.sql"):
        named = set(re.findall(r"ref\('(\w+)'\)", path.read_text()))
        named |= set(re.findall(r"source\('predictions', '(\w+)'\)", path.read_text()))
        parents = {parent.path[-1] for parent in graph.get(key("gold", path.stem)).parent_keys}
        counts[parents == named] += 1
    # Not equal: macros that name more, and branches for columns that this shop does not map.
    assert counts[True] > 45
    assert counts[False] < 20
    assert graph.get(key("reports", "monthly")).parent_keys == {key("published", "gold")}
    assert graph.get(key("audiences", "regulars")).parent_keys == {key("published", "gold")}


def test_the_daily_job_is_a_run_and_its_checks(shop):
    built, instance, done = shop
    snapshot = metadata(instance, "published", "gold")
    assert snapshot["rows"]["customer_360"] == len(built.rows("gold.customer_360"))
    assert metadata(instance, "gold", "customer_360")["dagster/row_count"] == len(built.rows("gold.customer_360"))
    assert metadata(instance, "silver", "order_lines")["seconds"] >= 0
    assert metadata(instance, "bronze", "till")["rows landed"] == len(corner.LINES)
    checks = {(check.asset_key, check.check_name): check for check in done.get_asset_check_evaluations()}
    on_360 = checks[key("gold", "customer_360"), "gold_customer_360"]
    assert on_360.passed
    assert checks[key("published", "gold"), "rows"].passed
    failed = {name for (_, name), check in checks.items() if not check.passed and check.severity.value == "ERROR"}
    assert failed == set()
    days = {row["calendar_date"].isoformat() for row in built.rows("gold.dim_date")}
    assert set(instance.get_materialized_partitions(key("gold", "daily_metrics"))) == days


def test_a_second_run_says_that_nothing_is_new(shop, definitions):
    _, instance, _ = shop
    assert execute(definitions, "daily", instance, asset_selection=[key("published", "gold")]).success
    assert metadata(instance, "published", "gold")["reason"] == "nothing new"


def test_a_selection_of_models_is_run_select(shop, definitions):
    _, instance, _ = shop
    before = metadata(instance, "published", "gold")
    done = execute(definitions, "daily", instance, asset_selection=[key("gold", "period_metrics")])
    assert done.success
    assert metadata(instance, "gold", "period_metrics")["built in this run"]
    assert {event.asset_key for event in done.get_asset_materialization_events()} == {key("gold", "period_metrics")}
    assert metadata(instance, "published", "gold") == before


def test_a_backfill_of_seven_days_touches_nothing_else(shop, definitions, tmp_path):
    built, instance, _ = shop
    folder = tmp_path / "copy"
    shutil.copytree(built.folder, folder)
    copy = BuiltShop(folder)
    import duckdb

    with duckdb.connect(str(copy.project.warehouse)) as connection:
        make_own(connection, "gold.daily_metrics", "gold.customer_360")
        connection.execute("update gold.daily_metrics set other_amount = 7, customer_count = 70")
        connection.execute("update gold.customer_360 set order_count = 70")
    done = execute(define(folder), "days", instance, tags=RANGE)
    assert done.success
    rows = {row["activity_date"].isoformat(): row for row in copy.rows("gold.daily_metrics")}
    right = {row["activity_date"].isoformat(): row for row in built.rows("gold.daily_metrics")}
    assert {day for day, row in rows.items() if row["customer_count"] != 70} == set(WEEK)
    assert {day: rows[day] for day in WEEK} == {day: right[day] for day in WEEK}
    assert {row["order_count"] for row in copy.rows("gold.customer_360")} == {70}
    touched = [(event.asset_key.path[-1], event.partition) for event in done.get_asset_materialization_events()]
    assert {day for _, day in touched} == set(WEEK)
    assert ("daily_metrics", WEEK[0]) in touched
    assert "customer_360" not in {name for name, _ in touched}
    assert metadata(instance, "gold", "daily_metrics")["reason"] == "the days 2024-05-12..2024-05-18 were requested"


def test_the_monthly_job_writes_the_report_and_the_audiences(shop, definitions):
    built, instance, _ = shop
    assert execute(definitions, "monthly", instance).success
    (report,) = (built.folder / "reports").iterdir()
    assert report.name == f"report-{metadata(instance, 'reports', 'monthly')['period']}.html"
    listed = (built.folder / "audiences/regulars.csv").read_text().splitlines()
    assert len(listed) - 1 == metadata(instance, "audiences", "regulars")["dagster/row_count"] > 0


def test_what_needs_a_person_is_not_tried_again(tmp_path):
    folder = write_project(tmp_path / "shop", corner.settings(), corner.FILES)
    definitions = define(folder)
    broken = corner.settings()
    broken["sources"]["till"]["entities"]["order_lines"]["columns"]["quantity"] = "no_such_function(pieces)"
    write_project(folder, broken, {})
    done = execute(definitions, "daily", dg.DagsterInstance.ephemeral())
    assert not done.success
    (failed,) = [event for event in done.all_events if event.is_step_failure]
    failure = failed.step_failure_data.user_failure_data
    assert "no_such_function" in failure.description
    assert failure.metadata["exit code"].value == 2
    assert not [event for event in done.all_events if event.is_step_up_for_retry]


def test_schedules_are_in_the_shops_time_and_name_their_jobs(shop, definitions):
    found = {one.name: one for one in definitions.schedules}
    assert {name: (one.cron_schedule, one.job_name) for name, one in found.items()} == {
        "daily_schedule": ("15 5 * * *", "daily"),
        "monthly_schedule": ("0 6 1 * *", "monthly"),
    }
    assert {one.execution_timezone for one in found.values()} == {shop[0].project.settings.shop.timezone}


def test_files_are_waited_for_until_they_stop_growing(shop, definitions):
    (sensor,) = [one for one in definitions.sensors if one.name == "new_files"]
    folder, cursor = shop[0].folder, None
    told = []
    for step in range(5):
        if step == 3:
            add_files(folder, {"till2.csv": "receipt"})  # of no source's pattern
        context = dg.build_sensor_context(cursor=cursor)
        result = sensor.evaluate_tick(context)
        cursor = result.cursor
        told.append(len(result.run_requests))
    assert told == [0, 1, 0, 0, 0]
    members = folder / "data/members.csv"
    members.write_text(members.read_text() + "\n")
    for expected in (0, 1, 0):
        result = sensor.evaluate_tick(dg.build_sensor_context(cursor=cursor))
        cursor = result.cursor
        assert len(result.run_requests) == expected


def test_old_tables_are_run_again_once_a_day(shop):
    from patron.orchestrate.triggers import find_late

    project, now = shop[0].project, dt.datetime.now(dt.UTC)
    assert find_late(project, now) is None
    late = find_late(project, now + dt.timedelta(hours=27))
    assert late is not None
    assert late != find_late(project, now + dt.timedelta(hours=51))


def test_an_added_project_loads_as_written(shop, tmp_path, monkeypatch):
    folder = tmp_path / "shop"
    shutil.copytree(shop[0].folder, folder)
    assert patron("init", folder, "--with", "dagster").code == 0
    from dagster._core.workspace.load_target import WorkspaceFileTarget

    (origin,) = WorkspaceFileTarget(paths=[str(folder / "workspace.yaml")]).create_origins()
    assert origin.loadable_target_origin.python_file == str(folder / "definitions.py")
    names = {}
    exec(
        compile((folder / "definitions.py").read_text(), str(folder / "definitions.py"), "exec"),
        {"__file__": str(folder / "definitions.py")},
        names,
    )
    keys = names["defs"].resolve_asset_graph().get_all_asset_keys()
    assert key("audiences", "lapsed_top_spenders") in keys
    dg.Definitions.validate_loadable(names["defs"])


def test_several_shops_share_one_dagster_by_a_prefix(shop):
    keys = build_definitions(shop[0].folder, prefix="corner").resolve_asset_graph().get_all_asset_keys()
    assert {path.path[0] for path in keys} == {"corner"}


def test_the_picture_names_every_asset_and_leads_from_left_to_right(definitions):
    from patron.orchestrate.picture import draw

    svg = draw(definitions)
    root = ElementTree.fromstring(svg)
    texts = {element.text for element in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {k.path[-1] for k in definitions.resolve_asset_graph().get_all_asset_keys()} <= texts
    assert {"sources", "predictions", "gold, customers", "published", "reports", "audiences"} <= texts
