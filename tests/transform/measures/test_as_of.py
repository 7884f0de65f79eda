"""as_of is the end of one day: the same whether it is written or found, and moved by receipts alone."""

from __future__ import annotations

import datetime as dt

import pytest

from shops.building import OBSERVED, BuiltShop, table_rows

LINES = {"order_id": "number", "ordered_at": "at", "customer_id": "who", "unit_price": "price", "status": "state"}
HEADS = {"order_id": "number", "ordered_at": "at", "customer_id": "who"}
SESSIONS = {"touch_id": "id", "touched_at": "at", "customer_id": "who", "campaign": "campaign"}

FILES = {
    "lines.csv": table_rows("""
        number | at               | who | price | state
        1      | 2024-01-15 10:00 | ann | 10    | paid
        2      | 2024-02-20 10:00 | bob | 20    | paid
        3      | 2024-03-31 23:59 | ann | 30    | paid
        4      | 2024-05-02 10:00 | cat | 40    | cancelled
        5      | 2023-11-02 10:00 | cat | 40    | cancelled
    """),
    "heads.csv": table_rows("""
        number | at               | who
        3      | 2024-03-31 23:59 | ann
        9      | 2024-04-05 10:00 | dan
        8      | 2023-12-05 10:00 | dan
    """),
    "sessions.csv": table_rows("""
        id | at               | who | campaign
        s1 | 2021-06-01 10:00 | ann | spring
        s2 | 2024-03-30 10:00 | ann | spring
        s3 | 2024-04-09 10:00 | ann | spring
    """),
}


def settings(as_of: str) -> dict:
    return {
        "shop": {"name": "Days", "currency": "EUR"},
        "as_of": as_of,
        "orders": {"spend_statuses": ["paid"]},
        "sources": {
            "lines": {"files": "lines.csv", "entities": {"order_lines": {"columns": LINES}}},
            "heads": {"files": "heads.csv", "entities": {"orders": {"columns": HEADS}}},
            "sessions": {"files": "sessions.csv", "entities": {"campaign_touches": {"columns": SESSIONS}}},
        },
    }


@pytest.fixture(scope="module")
def latest(build_shop) -> BuiltShop:
    return build_shop("latest", settings("latest"), FILES)


@pytest.fixture(scope="module")
def dated(build_shop) -> BuiltShop:
    return build_shop("dated", settings("2024-03-31"), FILES)


def test_only_lines_that_count_move_it_and_start_the_calendar(latest):
    """No order that came to nothing, no head without lines, no session: each lies before the first day and after the last."""
    assert latest.rows("measures.as_of") == [{"as_of_date": dt.date(2024, 3, 31), "first_date": dt.date(2024, 1, 15)}]
    days = [row["kpi_date"] for row in latest.rows("gold.kpi_overall")]
    assert (days[0], days[-1], len(days)) == (dt.date(2024, 1, 15), dt.date(2024, 3, 31), 77)


def test_the_same_day_gives_the_same_rows_however_it_is_written(latest, dated):
    tables = set(latest.gold_tables()) - OBSERVED
    assert len(tables) > 60
    for table in sorted(tables):
        assert latest.rows(f"gold.{table}") == dated.rows(f"gold.{table}"), table


def test_the_day_itself_has_passed(latest):
    """Ann bought at a minute to midnight: she has been silent for no day, and March is over."""
    ann = latest.by("gold.customer_360", "customer_id")["ann"]
    assert (ann["days_since_last_order"], ann["tenure_days"]) == (0, 76)
    months = {
        row["period_start_date"].month: row["incomplete_reason"]
        for row in latest.rows("gold.churn_by_period")
        if row["period_kind"] == "month"
    }
    assert months == {1: "began before the data", 2: None, 3: None}


def test_sessions_before_the_receipts_count_where_sessions_do(latest):
    (campaign,) = latest.rows("gold.campaign_performance")
    assert campaign["session_count"] == 2  # the third is after as_of
