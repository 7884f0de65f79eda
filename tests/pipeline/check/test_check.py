"""`patron check` finds what was tampered with, what is stale, and what no longer fits its settings."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from faults.projects import (
    GOOD,
    built,
    copy_of_built,
    findings,
    patron,
    problems,
    row,
    settings,
    source,
    write,
)
from patron.pipeline.check.check import check
from patron.project.project import Project
from patron.publish.snapshot import load_current
from shops.own_tables import make_own


def warehouse(folder: Path, sql: str) -> None:
    with duckdb.connect(str(folder / ".patron" / "warehouse.duckdb")) as connection:
        make_own(connection, *re.findall(r"(?:update|delete from|insert into|alter table|drop table) (\w+\.\w+)", sql))
        connection.execute(sql)


def snapshot(folder: Path) -> Path:
    published = folder / ".patron" / "published"
    return published / load_current(published).name


def lake_files(folder: Path) -> list[Path]:
    return sorted((folder / ".patron" / "lake" / "receipts").glob("*.parquet"))


def rewrite_published(folder: Path) -> None:
    path = snapshot(folder) / "customer_clv.parquet"
    changed = "select * replace (formula_clv_profit + 1 as formula_clv_profit)"
    duckdb.sql(f"copy ({changed} from read_parquet('{path}')) to '{path}.new' (format parquet)")
    path.with_suffix(".parquet.new").replace(path)


def change_yaml(folder: Path) -> None:
    path = folder / "patron.yaml"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"churn": {"window_days": 120}}))


def replace_table(table: str, changed: str) -> str:
    """The SQL that changes one column of a table of gold."""
    return (
        f"create table gold.kept as select * replace ({changed}) from gold.{table}; drop table gold.{table}; "
        f"alter table gold.kept rename to {table}"
    )


TAMPERED: dict[str, tuple[Callable[[Path], object], str]] = {
    "a silver row is deleted": (
        lambda folder: warehouse(folder, "delete from silver.order_lines where order_id = '2'"),
        "rows receipts as order_lines: 5 in = 4 silver + 0 duplicates + 0 quarantined + 0 filtered; 1 lost",
    ),
    "a silver row is duplicated": (
        lambda folder: warehouse(folder, "insert into silver.order_lines from silver.order_lines where order_id = '2'"),
        "; 1 too many",
    ),
    "an amount in silver is changed": (
        lambda folder: warehouse(folder, "update silver.order_lines set line_amount = 6 where order_id = '2'"),
        "data tests silver.order_lines: always: line_amount = line_gross_amount - line_discount_amount (1)",
    ),
    "both amounts in silver are changed": (
        lambda folder: warehouse(
            folder, "update silver.order_lines set line_amount = 6, line_gross_amount = 6 where order_id = '2'"
        ),
        "ledger receipts: 25.0000 over 4 days; 1 days do not close, first 2024-02-01 (off by 1.0000)",
    ),
    "a net amount in gold is changed": (
        lambda folder: warehouse(folder, "update gold.customer_360 set net_amount = net_amount + 1"),
        "totals totals_agree: ledger = customer_360 + guests is off by -2",
    ),
    "a day's orders in gold are changed": (
        lambda folder: warehouse(folder, replace_table("daily_metrics", "order_count + 1 as order_count")),
        "totals totals_agree: orders of days = orders of the shop",
    ),
    "the amounts of months are changed": (
        lambda folder: warehouse(
            folder,
            replace_table(
                "period_metrics",
                "case when period_kind = 'month' then net_amount + 1 else net_amount end as net_amount",
            ),
        ),
        "days = each month is off by",
    ),
    "the amount of the shop to date is changed": (
        lambda folder: warehouse(folder, replace_table("kpi_overall", "net_amount + 1 as net_amount")),
        "days = the shop to date is off by -1",
    ),
    "another amount in gold is changed": (
        lambda folder: warehouse(folder, "update gold.customer_360 set formula_clv_profit = 1"),
        "customer_360: some rows differ",
    ),
    "a label in gold is changed": (
        lambda folder: warehouse(
            folder, "update gold.dim_churn_group set churn_group = 'Lost' where churn_group = 'Low'"
        ),
        "dim_churn_group: some rows differ",
    ),
    "a gold row is deleted": (
        lambda folder: warehouse(folder, "delete from gold.dim_customer where customer_id = 'c2'"),
        "dim_customer: 2 rows published, 1 in gold",
    ),
    "a gold table is dropped": (lambda folder: warehouse(folder, "drop table gold.kpi_overall"), "kpi_overall"),
    "a data test of a model is broken": (
        lambda folder: warehouse(folder, "update gold.customer_360 set recency_score = 9"),
        "data tests gold.customer_360",
    ),
    "a row without a key is put into a table that was empty": (
        lambda folder: warehouse(folder, "insert into gold.campaign_attribution default values"),
        "data tests gold.campaign_attribution: ",
    ),
    "a file of the lake is deleted": (
        lambda folder: lake_files(folder)[0].unlink(),
        "files receipts: 1 files of the lake are missing, such as ",
    ),
    "a file of the lake is truncated": (
        lambda folder: lake_files(folder)[0].write_bytes(lake_files(folder)[0].read_bytes()[:-20]),
        "cannot be checked",
    ),
    "the lake is deleted": (lambda folder: shutil.rmtree(folder / ".patron" / "lake"), "settings cannot be checked"),
    "a published file is deleted": (
        lambda folder: (snapshot(folder) / "customer_360.parquet").unlink(),
        "customer_360: customer_360.parquet is missing",
    ),
    "a published file is replaced": (rewrite_published, "customer_clv: some rows differ"),
    "nothing is published": (lambda folder: shutil.rmtree(folder / ".patron" / "published"), "nothing is published"),
    "the settings changed": (
        change_yaml,
        "settings patron.yaml: patron.yaml, a rule file, the models or the lake changed",
    ),
    "the compiled data tests are deleted": (
        lambda folder: shutil.rmtree(folder / ".patron" / "dbt" / "compiled"),
        "data tests all: ",
    ),
    "a compiled data test is weakened": (
        lambda folder: (folder / ".patron/dbt/compiled/tests/gold.customer_360.sql").write_text("select 1 where 1 = 0"),
        "was changed since it was compiled",
    ),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_check_finds_every_kind_of_tampering(tmp_path, what):
    tamper, problem = TAMPERED[what]
    folder = copy_of_built(tmp_path)
    tamper(folder)
    found = problems(folder)
    assert any(problem in each for each in found), found


def test_a_failed_check_exits_with_5_and_shows_the_failure(tmp_path):
    folder = copy_of_built(tmp_path)
    lake_files(folder)[0].unlink()
    shown = patron("check", folder=folder)
    assert (shown.code, "Traceback" in shown.out + shown.err) == (5, False)
    assert "missing" in shown.out
    outcome = patron("check", "--json", folder=folder)
    assert (outcome.code, outcome.json["failed"] > 0) == (5, True)


def test_an_intact_project_passes_also_after_it_was_moved(tmp_path):
    assert problems(built()) == []
    moved = copy_of_built(tmp_path)
    (moved / "data" / "good.csv").unlink()  # what has landed is not needed any more
    assert problems(moved) == []
    assert patron("check", folder=moved).code == 0


def test_check_exits_with_7_before_the_first_run(tmp_path):
    assert patron("check", folder=write(tmp_path)).code == 7


@pytest.fixture(scope="module")
def fresh(tmp_path_factory) -> Path:
    """Two sources with limits of age; one has an unreadable row, a bad row, and rows that its filter leaves out."""
    limits = {"freshness": {"arrival": {"warn_after_days": 1, "fail_after_days": 2}}}
    events = {"freshness": {"event": {"warn_after_days": 10, "fail_after_days": 20}}}
    bad = GOOD + row(quantity="two") + row(order_id="10", quantity="0") + "11,2024-03-01,c1,p1,cut\n"
    sources = {
        "till": source("good.csv") | limits,
        "web": source("bad.csv", where="quantity <> '0'") | events,
    }
    rules = {"line_kinds": "./mine.csv"}
    folder = write(
        tmp_path_factory.mktemp("fresh"), {"good.csv": GOOD, "bad.csv": bad}, settings(sources=sources, rules=rules)
    )
    (folder / "mine.csv").write_text(
        "rule_set,label,condition,keywords,why\nline_kind,return,quantity < 0,,came back\n"
    )
    outcome = patron("run", "--quiet", folder=folder)
    assert outcome.code == 0, outcome.err
    assert "set aside 1 unreadable row" in outcome.out
    return folder


def ages(folder: Path, now: dt.datetime) -> dict[str, tuple[str, str]]:
    report = check(Project.load(folder), now=now)
    return {f.name: (f.status, f.detail) for f in report.findings if f.section == "freshness"}


def test_freshness_warns_and_fails_at_its_limits(fresh):
    landed = dt.datetime.now(dt.UTC)
    at_once = ages(fresh, landed)
    assert at_once["till by arrival"][0] == "pass"
    later = ages(fresh, landed + dt.timedelta(days=1.5))
    assert later["till by arrival"][0] == "warn"
    assert "expected within 1" in later["till by arrival"][1]
    stale = ages(fresh, landed + dt.timedelta(days=2.5))
    assert stale["till by arrival"][0] == "fail"
    assert "the limit is 2" in stale["till by arrival"][1]
    assert stale["web by arrival"][0] == "pass"  # no limit, no failure


def test_freshness_is_checked_by_event_too(fresh):
    last = dt.datetime(2024, 3, 5, 10, tzinfo=dt.UTC)
    for days, status in ((5, "pass"), (12, "warn"), (25, "fail")):
        assert ages(fresh, last + dt.timedelta(days=days))["web by event"][0] == status
    assert "is in the future" in ages(fresh, last - dt.timedelta(days=3))["web by event"][1]


def test_every_row_is_accounted_for(fresh):
    found = {f"{f['section']} {f['name']}": f for f in findings(fresh)}
    assert found["rows web as order_lines"]["detail"].startswith(
        "7 in = 5 silver + 0 duplicates + 1 quarantined + 1 filtered"
    )
    assert found["files web"]["status"] == "warn"
    assert "1 unreadable rows set aside" in found["files web"]["detail"]
    assert (
        found["quarantine web as order_lines"]["detail"]
        == "1 row, such as: quantity: two is not a valid decimal(18, 4)"
    )
    assert found["settings patron.yaml"]["status"] == "pass"


def test_check_finds_a_rule_file_that_changed_since_the_last_run(fresh):
    rules = fresh / "mine.csv"
    before = rules.read_text()
    rules.write_text(before + "line_kind,free,unit_price = 0,,given\n")
    assert any("changed since gold was built" in problem for problem in problems(fresh))
    rules.write_text("rule_set,label\n")
    assert any("has the header" in problem for problem in problems(fresh))
    rules.write_text(before)
    assert not any("changed" in problem for problem in problems(fresh))


def test_check_finds_that_rejected_rows_are_missing(fresh, tmp_path):
    spoiled = Path(shutil.copytree(fresh, tmp_path / "spoiled"))
    shutil.rmtree(spoiled / ".patron" / "lake" / "_rejected")
    assert any("of which only 0 are kept" in problem for problem in problems(spoiled))
