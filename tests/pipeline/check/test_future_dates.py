"""Days after today that move nothing, and count nowhere."""

from __future__ import annotations

import datetime as dt

from patron.pipeline.check.check import check

THIS_YEAR = dt.datetime.now(dt.UTC).year
LATER = f"{THIS_YEAR + 4}-02-03"
LINES = [{"order": n, "at": f"2024-03-{n:02}", "who": f"c{n % 3}", "price": 10} for n in range(1, 20)]
MEMBERS = [
    {"who": "c0", "joined": "2024-01-01", "born": "1980-02-29", "changed": "2024-04-01", "city": "Bonn"},
    {"who": "c1", "joined": LATER, "born": "1980-02-29", "changed": "2024-04-01", "city": "Bonn"},
    {"who": "c2", "joined": "2024-01-01", "born": "2080-02-29", "changed": LATER, "city": "Bonn"},
    {"who": "c2", "joined": "2024-01-01", "born": "2080-02-29", "changed": "2024-05-01", "city": "Kiel"},
]


def settings():
    lines = {"order_id": "order", "ordered_at": "at", "customer_id": "who", "unit_price": "price"}
    members = {"customer_id": "who", "signed_up_at": "joined", "birth_date": "born", "updated_at": "changed"}
    return {
        "shop": {"name": "Later"},
        "sources": {
            "till": {"files": "lines.csv", "entities": {"order_lines": {"columns": lines}}},
            "club": {"files": "club.csv", "entities": {"customers": {"columns": {**members, "city": "city"}}}},
        },
    }


def test_what_is_said_to_have_happened_after_today_is_told_by_run_and_check(build_shop):
    shop = build_shop("later", settings(), {"lines.csv": LINES, "club.csv": MEMBERS})
    told = [one for one in shop.report.warnings if "after today" in one]
    assert told == [
        f"1 row has signed_up_at after today in customers of club, the last on {LATER}",
        "1 row has birth_date after today in customers of club, the last on 2080-02-29",
        f"1 row has updated_at after today in customers of club, the last on {LATER}: no later version of the same row "
        "replaces it",
    ]
    found = [(one.status, one.detail) for one in check(shop.project).findings if one.section == "dates"]
    assert found == [("warn", detail) for detail in told]
    assert (
        shop.by("silver.customers", "customer_id")["c2"]["city"] == "Bonn"
    )  # as told: the version of the future stays


def test_days_up_to_today_are_no_finding(build_shop):
    today = dt.datetime.now(dt.UTC).date().isoformat()
    members = [{**MEMBERS[0], "joined": today, "changed": today}]
    shop = build_shop("today", settings(), {"lines.csv": LINES, "club.csv": members})
    assert not [one for one in shop.report.warnings if "after today" in one]
