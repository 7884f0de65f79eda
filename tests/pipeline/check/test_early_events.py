"""Events before the shop's life are told, and can be set aside; an honest early history is left alone."""

from __future__ import annotations

import datetime as dt

import pytest

from patron.errors import SettingsError
from patron.pipeline.check.check import check
from patron.pipeline.check.early_events import EarlyEvents, find_early
from patron.project.project import Project
from shops.building import write_project

COLUMNS = {"order_id": "number", "ordered_at": "at", "customer_id": "who", "unit_price": "total"}


def settings(**more) -> dict:
    mapped = {"files": "lines.csv", "entities": {"order_lines": {"columns": COLUMNS}}}
    return {
        "shop": {"name": "Early", "currency": "EUR"},
        "predictions": {"churn": {"enabled": False}},
        "sources": {"lines": mapped},
        **more,
    }


def lines(*days: str) -> list[dict]:
    return [{"number": str(place), "at": day, "who": f"c{place}", "total": "5"} for place, day in enumerate(days)]


MARCH = [f"2024-03-{day:02}" for day in range(1, 21)]


def find(*days: str) -> list[tuple[int, str, str]]:
    counts: dict[dt.date, int] = {}
    for day in sorted(map(dt.date.fromisoformat, days)):
        counts[day] = counts.get(day, 0) + 1
    found = find_early("order_lines", "lines", counts)
    return [(one.rows, str(one.first_date), str(one.next_date)) for one in found]


class TestRule:
    @pytest.mark.parametrize("day", ["1899-12-30", "1900-01-01", "1969-12-31", "1970-01-01"])
    @pytest.mark.parametrize("count", [1, 15])
    def test_a_placeholder_is_told_however_often_it_stands_there(self, day, count):
        assert find(*[day] * count, *MARCH) == [(count, day, "2024-03-01")]

    def test_a_slip_of_the_pen_is_told(self):
        assert find("1924-03-01", *MARCH) == [(1, "1924-03-01", "2024-03-01")]

    def test_both_are_one_finding(self):
        assert find("1970-01-01", "2004-03-01", *MARCH * 3) == [(2, "1970-01-01", "2024-03-01")]

    @pytest.mark.parametrize(
        "history",
        [
            MARCH,
            ["2019-06-01", *MARCH],  # a first order, and years of nothing, but fewer than a business forgets
            ["2001-01-01"] * 5 + MARCH,  # a fifth of all orders is no slip
            ["1970-01-01", "1970-01-02", "1970-02-01", "1971-01-01", "1971-11-01"],  # a shop of that time
            ["1995-01-01", "2024-01-01"],  # too few to tell
            [f"{year}-01-01" for year in range(1985, 2025)],
        ],
    )
    def test_an_honest_early_history_is_no_finding(self, history):
        assert find(*history) == []


class TestShop:
    def test_the_run_and_the_check_tell(self, build_shop):
        shop = build_shop("early", settings(), {"lines.csv": lines("1970-01-01", *MARCH)})
        (warning,) = [one for one in shop.report.warnings if "1970" in one]
        assert warning.startswith(
            "1 row is dated long before all others in order_lines of lines, the first on 1970-01-01"
        )
        assert "quarantine: {events_before: 2024-03-01}" in warning
        (found,) = [one for one in check(shop.project).findings if one.section == "dates"]
        assert (found.status, found.detail) == ("warn", warning)

    def test_they_can_be_set_aside(self, build_shop):
        held = settings(quarantine={"events_before": "2024-03-02"})
        shop = build_shop("aside", held, {"lines.csv": lines("1970-01-01", *MARCH)})
        assert not [one for one in shop.report.warnings if "1970" in one]
        bad = [row["quarantine_reason"] for row in shop.rows("quarantine.quarantined_rows")]
        assert bad == ["ordered_at: before 2024-03-02"] * 2
        assert str(shop.rows("measures.as_of")[0]["first_date"]) == "2024-03-02"

    def test_the_day_is_a_date(self, tmp_path):
        with pytest.raises(SettingsError, match="events_before"):
            Project.load(write_project(tmp_path, settings(quarantine={"events_before": "soon"}), {}))


def test_the_sentence_counts():
    day = dt.date(1970, 1, 1)
    assert EarlyEvents("visits", "till", 1200, day, day).describe().startswith("1,200 rows are dated long before")
