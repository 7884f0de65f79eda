"""The monitors in `patron check`, over a shop whose last week holds what they are for."""

from __future__ import annotations

import datetime as dt
import random

import pytest

from patron.pipeline.check.check import check
from patron.project.project import Project
from shops.building import BuiltShop, write_project

FIRST = dt.date(2025, 1, 6)
DAYS = 100
LAST = FIRST + dt.timedelta(days=DAYS - 1)

SETTINGS = {
    "shop": {"name": "Corner", "currency": "GBP", "timezone": "Europe/London"},
    "sources": {
        "till": {
            "files": "*.csv",
            "entities": {
                "order_lines": {
                    "columns": {
                        "order_id": "receipt",
                        "customer_id": "card",
                        "ordered_at": "at",
                        "product_id": "sku",
                        "quantity": {"expression": "1"},
                        "unit_price": "price",
                        "channel": "channel",
                    }
                }
            },
        }
    },
}
FAULTS = {6: "missing", 4: "halved", 3: "times 100", 2: "doubled", 1: "no channel"}
"""Days before the last -> what is wrong with them."""


def draw_rows(faults):
    draw, rows, number = random.Random(7), [], 0
    for place in range(DAYS):
        day = FIRST + dt.timedelta(days=place)
        fault = faults.get(DAYS - 1 - place)
        count = round((140 if day.weekday() > 4 else 100) * draw.gauss(1, 0.05))
        count = {"missing": 0, "halved": count // 2, "doubled": 2 * count}.get(fault, count)
        for _ in range(count):
            number += 1
            price = round(draw.lognormvariate(1.5, 0.6), 2) * (100 if fault == "times 100" else 1)
            rows.append(
                {
                    "receipt": f"R{number}",
                    "card": f"C{draw.randrange(300)}",
                    "at": f"{day} {draw.randrange(9, 18):02}:00:00",
                    "sku": f"S{draw.randrange(20)}",
                    "price": f"{price:.2f}",
                    "channel": None if fault == "no channel" else draw.choice(["shop", "shop", "web"]),
                }
            )
    return rows


def build(folder, faults):
    shop = BuiltShop(write_project(folder, SETTINGS, {"till.csv": draw_rows(faults)}))
    shop.run()
    return shop


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    return build(tmp_path_factory.mktemp("faulty"), FAULTS)


def findings(shop, **settings):
    project = Project.load(shop.folder)
    if settings:
        monitor = project.settings.monitor.model_copy(update=settings)
        project.settings = project.settings.model_copy(update={"monitor": monitor})
    found = check(project, only=("volume", "drift")).findings
    return {finding.section: finding for finding in found}


def name_day(back):
    return str(LAST - dt.timedelta(days=back))


def test_days_that_are_missing_halved_or_doubled_are_told_and_no_others(faulty):
    volume = findings(faulty)["volume"]
    assert (volume.name, volume.status) == ("till as order_lines", "warn")
    assert [name_day(back) in volume.detail for back in range(7)] == [
        FAULTS.get(back) in ("missing", "halved", "doubled") for back in range(7)
    ]
    assert f"{name_day(6)} (Wednesday): no rows; " in volume.detail


def test_another_unit_and_an_empty_column_are_told_and_nothing_else(faulty):
    drift = findings(faulty)["drift"]
    assert drift.status == "warn"
    said = drift.detail.split("; ")
    assert [one.split(" (")[0] for one in said if " on " in one] == [
        f"unit_price on {name_day(3)}",
        f"channel on {name_day(1)}",
    ]
    assert "PSI" in drift.detail and "100% of the values are empty" in drift.detail


def test_an_odd_day_can_fail_a_check_or_not_be_looked_for(faulty):
    assert {finding.status for finding in findings(faulty, status="fail").values()} == {"fail"}
    assert findings(faulty, status="off") == {}


def test_a_shop_without_faults_passes(tmp_path):
    shop = build(tmp_path, {})
    assert {section: finding.status for section, finding in findings(shop).items()} == {
        "volume": "pass",
        "drift": "pass",
    }
