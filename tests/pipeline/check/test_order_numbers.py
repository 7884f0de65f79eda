"""Order numbers that are used again: by another customer, in another year, at another till."""

from __future__ import annotations

import pytest

from patron.errors import CheckFailedError, SettingsError
from patron.pipeline.check.check import check
from patron.project.project import Project
from shops.building import table_rows, write_project

COLUMNS = {"order_id": "number", "ordered_at": "at", "customer_id": "who", "unit_price": "price"}


def settings(**more):
    lines = {"columns": COLUMNS, **more}
    return {"shop": {"name": "Again"}, "sources": {"till": {"files": "*.csv", "entities": {"order_lines": lines}}}}


SIX = table_rows("""
    number | at         | who | price
    1      | 2024-03-01 | ann | 10
    1      | 2024-03-02 | ben | 10
    1      | 2024-03-03 | cat | 10
    1      | 2024-03-04 | dan | 10
    1      | 2024-03-05 | eve | 10
    1      | 2024-03-06 | fay | 10
    2      | 2024-03-06 | fay | 10
""")


def test_an_order_of_several_customers_is_told_by_run_and_check(build_shop):
    shop = build_shop("six", settings(), {"a.csv": SIX})
    (warning,) = [one for one in shop.report.warnings if "several lines" in one]
    assert "of 1 orders with several lines 1 name several customers, 1 of them on several days (6 in all" in warning
    assert [one.status for one in check(shop.project).findings if one.name == "till" and one.section == "orders"] == [
        "warn"
    ]
    assert shop.rows("gold.kpi_overall")[-1]["order_count"] == 2
    assert sum(row["order_count"] for row in shop.rows("gold.customer_360")) == 7
    assert not check(shop.project).failed


def test_a_number_of_one_customer_or_of_guests_in_another_year_is_told(build_shop):
    rows = table_rows("""
        number | at         | who | price
        1      | 2023-03-01 | ann | 10
        1      | 2024-03-01 | ann | 10
        2      | 2023-03-02 |     | 10
        2      | 2024-03-02 |     | 10
        3      | 2024-03-02 | ben | 10
        3      | 2024-03-09 | ben | 10
    """)
    shop = build_shop("years", settings(), {"a.csv": rows})
    (warning,) = [one for one in shop.report.warnings if "several lines" in one]
    assert "of 3 orders with several lines 2 have lines more than 90 days apart" in warning


def test_numbers_that_start_again_every_year_stop_the_run(build_money):
    rows = [
        {"number": n, "at": f"{year}-03-{n + 1:02}", "who": f"c{n}", "price": 10}
        for year in (2023, 2024)
        for n in range(9)
    ]
    with pytest.raises(CheckFailedError, match="9 have lines more than 90 days apart") as raised:
        build_money("restart", settings(), {"a.csv": rows})
    assert "numbers_restart" in str(raised.value)
    for restart in ("year", "month", "day"):
        shop = build_money(restart, settings(numbers_restart=restart), {"a.csv": rows})
        assert shop.rows("gold.kpi_overall")[-1]["order_count"] == 18
        assert sum(row["order_count"] for row in shop.rows("gold.customer_360")) == 18
    assert "3 @ 2024-03-04" in {row["order_id"] for row in shop.rows("silver.order_lines")}


def test_a_key_tells_restarted_numbers_apart(build_money):
    rows = table_rows("""
        number | at         | who | price
        1      | 2023-03-01 | ann | 10
        1      | 2024-03-01 | ann | 20
        1      | 2024-03-01 | ann | 25
    """)
    shop = build_money("keyed", settings(numbers_restart="year", key=["order_id"]), {"a.csv": rows})
    assert sorted(row["line_amount"] for row in shop.rows("silver.order_lines")) == [10, 25]


def test_only_orders_have_numbers_that_restart(tmp_path):
    made = settings()
    visits = {"columns": {"visited_at": "at", "customer_id": "who"}, "numbers_restart": "day"}
    made["sources"]["till"]["entities"]["visits"] = visits
    with pytest.raises(SettingsError, match="numbers_restart"):
        Project.load(write_project(tmp_path, made, {}))
