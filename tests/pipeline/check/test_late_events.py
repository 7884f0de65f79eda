"""Receipts dated long after all others, which would make everybody look churned."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest

from patron.errors import CheckFailedError
from patron.pipeline.check.check import check
from patron.pipeline.check.late_events import find_late
from patron.serve.query import ask

MARCH = [f"2024-03-{day:02}" for day in range(1, 31)]


def find(*days: str):
    return find_late({dt.date.fromisoformat(day): count for day, count in sorted(Counter(days).items())})


def settings(**more):
    columns = {"order_id": "order", "ordered_at": "at", "customer_id": "who", "unit_price": "price"}
    return {
        "shop": {"name": "Late"},
        "sources": {"lines": {"files": "*.csv", "entities": {"order_lines": {"columns": columns}}}},
        **more,
    }


def lines(*days: str):
    return [{"order": n, "at": day, "who": f"c{n % 7}", "price": 10} for n, day in enumerate(days)]


class TestDays:
    @pytest.mark.parametrize("day", ["2025-03-15", "2034-03-15", "2024-10-01"])
    def test_a_mistyped_year_is_found(self, day):
        found = find(*MARCH, day)
        assert (found.rows, found.last_date, found.before_date) == (1, dt.date.fromisoformat(day), dt.date(2024, 3, 30))
        assert found.is_sure

    def test_a_stray_early_date_hides_no_late_one(self):
        assert find("1970-01-01", *MARCH, "2025-03-15").rows == 1

    @pytest.mark.parametrize(
        "history",
        [
            MARCH,
            [*MARCH, "2024-05-01"],
            [*MARCH, "2025-03-15", "2025-03-16"],  # the shop is open again
            ["2024-03-01", "2025-03-15"],  # too few to tell
            [f"{year}-07-{day:02}" for year in range(2015, 2021) for day in range(1, 20)] + ["2021-07-01"],  # summers
        ],
    )
    def test_an_honest_history_is_no_finding(self, history):
        assert find(*history) is None

    def test_a_gap_of_some_months_is_doubtful(self):
        assert not find(*MARCH, "2024-07-15").is_sure


def test_a_stray_row_stops_the_run_and_a_day_of_ones_own_goes_on(build_shop, tmp_path):
    with pytest.raises(CheckFailedError, match="dated long after all others, the last on 2025-03-15") as raised:
        build_shop("late", settings(), {"lines.csv": lines(*MARCH, "2025-03-15")})
    assert "as_of: 2024-03-30" in str(raised.value)
    shop = build_shop("held", settings(as_of="2024-03-30"), {"lines.csv": lines(*MARCH, "2025-03-15")})
    assert shop.rows("gold.kpi_overall")[-1]["order_count"] == len(MARCH)


def test_a_doubtful_row_is_told(build_shop):
    shop = build_shop("doubtful", settings(), {"lines.csv": lines(*MARCH, "2024-07-15")})
    (warning,) = [one for one in shop.report.warnings if "long after all others" in one]
    found = [one for one in check(shop.project).findings if one.section == "dates"]
    assert [(one.status, one.detail) for one in found] == [("warn", warning)]


def test_events_after_today_are_told_where_they_do_not_count(build_shop):
    shop = build_shop("planned", settings(as_of="2024-03-30"), {"lines.csv": lines(*MARCH, "2062-01-01")})
    assert "1 row is dated after today in order_lines of lines, the last on 2062-01-01" in str(shop.report.warnings)


def test_one_stray_early_day_does_not_dilute_the_mean_of_active_customers(build_shop):
    plain = build_shop("plain", settings(), {"lines.csv": lines(*MARCH)})
    stray = build_shop("stray", settings(), {"lines.csv": lines(*MARCH, "1970-01-01")})
    means = [ask(shop.project, metric_sql()).records()[0]["daily_active_customers"] for shop in (plain, stray)]
    assert means[0] == pytest.approx(1)
    assert means[1] == pytest.approx(31 / 60)  # 30 days of March, and the 30 that the stray one is seen on


def metric_sql() -> str:
    from patron.contract.metrics import select

    return select(["daily_active_customers"], table="engagement_daily")
