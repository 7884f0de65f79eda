"""`patron metric`: one metric by dimensions, as sums by hand have it, and as pages and the report say."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from faults.projects import patron
from patron.errors import SettingsError
from patron.publish.reader import open_published
from patron.serve.metric import measure

RECORDER = Path(__file__).with_name("recorded_selects.py")


@pytest.fixture(scope="module")
def project(contacts_shop):
    return contacts_shop.project


def test_a_sum_by_a_dimension(contacts_shop, project):
    by_channel = defaultdict(Decimal)
    for line in contacts_shop.rows("silver.order_lines"):
        if line["line_kind"] == "sale" and line["order_date"].isoformat() <= "2025-03-31":
            by_channel[line["channel"]] += line["line_amount"]
    found = dict(measure(project, "net_revenue", ["channel"]).rows)
    assert found == by_channel
    assert len(found) == 2


def test_a_ratio_by_month(contacts_shop, project):
    lines, orders = defaultdict(Decimal), defaultdict(set)
    for line in contacts_shop.rows("silver.order_lines"):
        if line["line_kind"] == "sale" and line["order_date"].isoformat() <= "2025-03-31":
            month = line["order_date"].replace(day=1)
            lines[month] += line["line_amount"]
            orders[month].add((line["id_namespace"], line["order_id"]))
    found = dict(measure(project, "average_order_value", ["activity_date__month"]).rows)
    assert found == pytest.approx({month: float(lines[month]) / len(orders[month]) for month in lines})


def test_people_are_counted_once_however_often_they_come(contacts_shop, project):
    people = {row["customer_id"] for row in contacts_shop.rows("gold.fct_orders") if row["channel"] == "online"}
    ((count,),) = measure(project, "buyers", where="channel = 'online'").rows
    assert count == len(people - {None}) > 0


@pytest.mark.parametrize(
    ("by", "where", "kinds"),
    [
        (["period_kind"], "", {"week", "month", "quarter", "year"}),
        ([], "period_kind = 'month'", {"month"}),
        ([], "net_amount > -1 and ('year' = period_kind)", {"year"}),
    ],
)
def test_periods_of_one_kind_add_up_to_what_the_days_do(contacts_shop, project, by, where, kinds):
    first = {
        k: min(r["period_start_date"] for r in contacts_shop.rows("gold.period_metrics") if r["period_kind"] == k)
        for k in kinds
    }
    found = measure(project, "net_revenue", by, where, "period_metrics").rows
    of_days = {
        kind: sum(
            row["net_amount"] for row in contacts_shop.rows("gold.daily_metrics") if row["activity_date"] >= start
        )
        for kind, start in first.items()
    }
    assert [row[-1] for row in sorted(found)] == [of_days[kind] for kind in sorted(kinds)]


@pytest.mark.parametrize(
    ("asked", "message", "help"),
    [
        ({"name": "net_revenu"}, "no metric", "net_revenue"),
        ({"name": "net_revenue", "by": ["chanel"], "table": "daily_metrics_by_channel"}, "no column", "channel"),
        ({"name": "net_revenue", "by": ["activity_date__moon"]}, "no stretch of time", "month"),
        ({"name": "net_revenue", "table": "customer_clv"}, "not measured over", "daily_metrics"),
        ({"name": "buyers", "by": ["activity_date__month"]}, "cannot be added up", "activity_date"),
        ({"name": "retention_rate", "by": ["period_kind"]}, "cannot be added up", "period_start_date"),
        ({"name": "mean_customer_value"}, "only on its page", ""),
        ({"name": "net_revenue", "table": "period_metrics"}, "once for each period_kind", "--by period_kind"),
        ({"name": "net_revenue", "by": ["period_start_date"]}, "once for each period_kind", "--by period_kind"),
        ({"name": "sessions", "table": "campaign_funnel"}, "once for each step_order", "--by step_order"),
        ({"name": "net_revenue", "table": "period_metrics", "where": "period_kind <> 'year'"}, "once for each", ""),
        ({"name": "net_revenue", "table": "period_metrics", "where": "period_kind = period_kind"}, "once for each", ""),
        (
            {"name": "net_revenue", "table": "period_metrics", "where": "'x' < /* period_kind = 'month' */ 'y'"},
            "once",
            "",
        ),
        (
            {
                "name": "net_revenue",
                "table": "period_metrics",
                "where": "period_kind = 'month' or period_kind = 'year'",
            },
            "once for each",
            "",
        ),
        (
            {"name": "buyers", "by": ["activity_date__month"], "where": "'activity_date' = 'x'"},
            "cannot be added up",
            "",
        ),
        ({"name": "orders", "where": "1 = 1); drop table gold.fct_orders; select (1"}, "not one condition", ""),
        ({"name": "orders", "where": "1 = 1) or (1 = 1"}, "not one condition", ""),
        ({"name": "orders", "where": "select 1"}, "not one condition", ""),
    ],
)
def test_what_has_no_answer_is_refused(project, asked, message, help):
    with pytest.raises(SettingsError) as refused:
        measure(project, **asked)
    assert message in refused.value.what
    assert help in (refused.value.do or "")


def test_the_command_prints_a_table_json_and_csv(contacts_shop):
    rows = measure(contacts_shop.project, "orders", ["channel"]).records()
    as_json = patron("metric", "orders", "--by", "channel", "--json", folder=contacts_shop.folder)
    assert as_json.json == rows
    as_csv = patron("metric", "orders", "--by", "channel", "--csv", folder=contacts_shop.folder)
    assert as_csv.out.splitlines() == ["channel,orders", *(f"{row['channel']},{row['orders']}" for row in rows)]
    assert "in store" in patron("metric", "orders", "--by", "channel", folder=contacts_shop.folder).out
    both = patron("metric", "orders", "--json", "--csv", folder=contacts_shop.folder)
    assert both.code == 2


def list_readers_selects():
    """The selects of pages and the report that need no answer of a reader: no parameter, and a table that is published."""
    done = subprocess.run([sys.executable, str(RECORDER)], capture_output=True, text=True, check=True)
    recorded = [one for one in json.loads(done.stdout) if not {"?", "{"} & set(one["sql"])]
    return [one for one in recorded if one["table"] != "customer_values" and " as " not in " ".join(one["by"])]


def test_pages_and_the_report_say_the_same(project):
    selects = list_readers_selects()
    compared = 0
    with open_published(project.published) as connection:
        for one in selects:
            answer = connection.execute(one["sql"])
            names = [column[0] for column in answer.description]
            rows = [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
            for column, metric in one["metrics"].items():
                theirs = {tuple(row[name] for name in one["by"]): row[column] for row in rows}
                ours = measure(project, metric, one["by"], where=one["where"], table=one["table"]).rows
                assert {tuple(row[:-1]): row[-1] for row in ours} == theirs, (metric, one["table"])
                compared += 1
    assert compared > 15
