"""Shops at the edge of what a mapping allows: shared keys, orders of two customers, other events, odd discounts."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from patron.errors import SettingsError
from patron.pipeline.check.check import check
from patron.project.project import Project
from shops.building import table_rows, write_project

LINES = {
    "order_id": "order",
    "ordered_at": "at",
    "customer_id": "who",
    "unit_price": "price",
    "line_discount_amount": "off",
}


@pytest.fixture(scope="module")
def shop(build_shop):
    keyed = {"columns": LINES, "key": ["order_id"], "namespace": {"order_id": "shop"}}
    tickets = {"columns": {"interaction_id": "id", "contacted_at": "at"}}
    settings = {
        "shop": {"name": "Edge"},
        "sources": {
            "web": {"files": "web*.csv", "entities": {"order_lines": keyed}},
            "till": {"files": "till*.csv", "entities": {"order_lines": keyed}},
            "phone": {"files": "phone*.csv", "entities": {"order_lines": {"columns": LINES}}},
            "desk": {"files": "desk*.csv", "entities": {"service_interactions": tickets}},
        },
    }
    files = {
        "web.csv": table_rows("""
            order | at         | who | price | off
            1     | 2024-01-01 | ann | 10    | 0
            2     | 2024-01-01 | bob | 10    | 1
        """),
        "till.csv": table_rows("""
            order | at         | who | price | off
            1     | 2024-01-02 | ann | 12    | 0
        """),
        "phone.csv": table_rows("""
            order | at         | who | price | off
            7     | 2024-01-03 | ann | 5     | 0
            7     | 2024-01-03 | bob | 6     | 0
            7     | 2024-01-03 |     | 7     | 0
            8     | 2024-01-03 | bob | 5     | -1
        """),
        "desk.csv": table_rows("""
            id | at
            t1 | 2024-01-05 09:00
            t2 | 2019-03-01 09:00
        """),
    }
    return build_shop("edge", settings, files)


def test_a_key_that_sources_share_has_one_row_the_latest_to_arrive(shop):
    first = [row for row in shop.rows("silver.order_lines") if row["order_id"] == "1"]
    assert [(row["source_name"], row["line_amount"]) for row in first] == [("till", Decimal(12))]
    accounts = shop.by("quarantine.row_accounting", "source_name", "entity")
    assert accounts["web", "order_lines"]["duplicate_count"] == 1
    assert accounts["till", "order_lines"]["duplicate_count"] == 0
    assert not check(shop.project).failed


def test_an_order_that_names_two_customers_is_one_order_of_the_shop_and_one_of_each(shop):
    day = shop.by("gold.daily_metrics", "activity_date")[dt.date(2024, 1, 3)]
    assert (day["order_count"], day["guest_order_count"], day["net_amount"]) == (1, 0, Decimal(18))
    customers = shop.by("gold.customer_360", "customer_id")
    assert customers["ann"]["order_count"] == 2
    assert customers["bob"]["order_count"] == 2
    assert shop.rows("gold.kpi_overall")[-1]["order_count"] == 3


def test_a_discount_below_zero_is_set_aside(shop):
    rows = shop.rows("quarantine.quarantined_rows")
    assert [row["quarantine_reason"] for row in rows] == ["line_discount_amount: below 0"]


def test_other_events_neither_move_latest_nor_start_the_calendar(shop):
    (bounds,) = shop.rows("measures.as_of")
    assert bounds == {"as_of_date": dt.date(2024, 1, 3), "first_date": dt.date(2024, 1, 1)}
    assert len(shop.rows("gold.engagement_daily")) == 3


def test_an_orders_key_names_what_lines_have(tmp_path):
    columns = {"order_id": "id", "ordered_at": "at", "order_amount": "sum", "payment_method": "paid"}
    orders = {"columns": columns, "key": ["order_id", "payment_method"]}
    settings = {"shop": {"name": "Keys"}, "sources": {"web": {"files": "*.csv", "entities": {"orders": orders}}}}
    with pytest.raises(SettingsError, match="payment_method"):
        Project.load(write_project(tmp_path, settings, {}))
