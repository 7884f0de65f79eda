"""Keys, namespaces, duplicates, orders without lines, customers of several sources, times and numbers as written.

The sources: tests/shops/chain.py.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from patron.pipeline.check.check import check
from shops import chain
from shops.building import add_files, picked

D = Decimal


@pytest.fixture(scope="module")
def before_and_after(build_shop):
    """Gold and silver as they were before the second web file, and the shop after it."""
    shop = build_shop("chain", chain.settings(), chain.FIRST_FILES)
    tables = ("silver.order_lines", "gold.customer_360", "measures.order_measures", "quarantine.row_accounting")
    before = {table: shop.rows(table) for table in tables}
    add_files(shop.folder, chain.SECOND_FILES)
    report = shop.run()
    assert sum(landing.rows for landing in report.landed.values()) == 2
    return before, shop


@pytest.fixture(scope="module")
def before(before_and_after):
    return before_and_after[0]


@pytest.fixture(scope="module")
def shop(before_and_after):
    return before_and_after[1]


@pytest.fixture(scope="module")
def flipped(build_shop):
    return build_shop("chain_flipped", chain.flipped(), {**chain.FIRST_FILES, **chain.SECOND_FILES})


def lines_of(rows, source):
    return [row for row in rows if row["source_name"] == source]


class TestAsWritten:
    def test_times_become_local(self, shop):
        """New York is 5 hours behind in winter, 4 in summer; what has no offset is local already."""
        times = {(row["source_name"], row["order_id"]): row["ordered_at"] for row in shop.rows("silver.order_lines")}
        assert times == {
            ("till", "17"): dt.datetime(2024, 1, 5, 9),
            ("till", "18"): dt.datetime(2024, 1, 6, 23, 30),
            ("till", "22"): dt.datetime(2024, 1, 8, 8),
            ("web", "17"): dt.datetime(2024, 1, 4, 22),  # 03:00Z is the evening before
            ("web", "30"): dt.datetime(2024, 1, 9, 2),  # 08:00+01:00 is 07:00Z
            ("web", "31"): dt.datetime(2024, 6, 30, 20, 30),  # 00:30 UTC, in summer
            ("phone", "17"): dt.datetime(2024, 1, 10),  # a day without a time stays that day
            ("phone", "19"): dt.datetime(2024, 1, 11),
        }
        assert all(row["order_date"] == row["ordered_at"].date() for row in shop.rows("silver.order_lines"))

    def test_prices_in_both_formats(self, shop):
        prices = sorted(
            (row["source_name"], row["order_id"], row["unit_price"]) for row in shop.rows("silver.order_lines")
        )
        assert [price for price in prices if price[0] != "phone"] == [
            ("till", "17", D("1234.50")),
            ("till", "17", D("1234.50")),
            ("till", "18", D(2)),
            ("till", "22", D(1000)),
            ("web", "17", D(6)),
            ("web", "17", D(10)),
            ("web", "17", D("1000.50")),
            ("web", "30", D(20)),
            ("web", "31", D(30)),
        ]

    def test_words_for_nothing(self, shop):
        lines = {row["order_id"]: row for row in lines_of(shop.rows("silver.order_lines"), "till")}
        assert picked(lines["18"], "customer_id", "country") == (None, None)
        assert picked(lines["17"], "customer_id", "country") == ("17", None)
        assert picked(lines["22"], "customer_id", "country") == ("18", "United Kingdom")

    def test_a_word_for_nothing_inside_an_expression(self, shop):
        """upper(town), where one town is written `NaN `."""
        customers = shop.by("silver.customers", "customer_id")
        assert {who: row["city"] for who, row in customers.items()} == {"17": None, "18": "MADRID", "19": None}

    def test_what_does_not_convert_is_kept_aside_with_its_reason(self, shop):
        rows = shop.rows("quarantine.quarantined_rows")
        reasons = sorted((row["entity"], row["source_name"], row["quarantine_reason"]) for row in rows)
        assert reasons == [
            ("order_lines", "phone", "ordered_at: not from 1900-01-01 to 2170-01-01"),
            ("order_lines", "till", "ordered_at: 13/45/2024 09:00 is not a valid timestamp"),
            ("order_lines", "till", "quantity: required, but blank"),
            ("order_lines", "till", "unit_price: 1.234,50 is not a valid decimal(18, 4)"),
            ("orders", "phone", "ordered_at: not from 1900-01-01 to 2170-01-01"),
        ]
        assert '"Price":"1.234,50"' in " ".join(row["raw_row"] for row in rows)


class TestKeys:
    def test_a_later_row_of_a_key_wins_within_a_file(self, before):
        """Line 3 of web order 17 stands there twice: 5.00, then 6.00."""
        web = lines_of(before["silver.order_lines"], "web")
        prices = {row["line_number"]: row["unit_price"] for row in web if row["order_id"] == "17"}
        assert prices == {"1": D(10), "2": D("1000.50"), "3": D(6)}

    def test_a_later_file_corrects_a_line(self, before, shop):
        def cups(rows):
            return [(row["quantity"], row["line_amount"]) for row in rows if row["product_id"] == "CUP"]

        assert cups(before["silver.order_lines"]) == [(D(2), D(2001))]
        assert cups(shop.rows("silver.order_lines")) == [(D(1), D("1000.50"))]

    def test_a_moved_order_leaves_one_customer_and_reaches_the_other(self, before, shop):
        names = ("order_count", "net_amount", "last_order_date")
        first = {row["customer_id"]: picked(row, *names) for row in before["gold.customer_360"]}
        # till 2 x 1234.50; web 10 + 2001 + 6, and 20; phone 50 - 5
        assert first["17"] == (4, D(4551), dt.date(2024, 1, 10))
        assert "20" not in first
        now = {who: picked(row, *names) for who, row in shop.by("gold.customer_360", "customer_id").items()}
        assert now["17"] == (3, D("3530.50"), dt.date(2024, 1, 10))
        assert now["20"] == (1, D(20), dt.date(2024, 1, 9))
        assert now["18"] == (1, D(1000), dt.date(2024, 1, 8))
        assert now["19"] == (1, D(30), dt.date(2024, 6, 30))
        assert set(now) == {"17", "18", "19", "20"}  # 21 only had an order that failed

    def test_rows_are_accounted_for(self, before, shop):
        names = ("row_count", "silver_count", "duplicate_count", "quarantined_count", "filtered_count")
        first = {
            (row["source_name"], row["entity"]): picked(row, *names) for row in before["quarantine.row_accounting"]
        }
        assert first["web", "order_lines"] == (6, 5, 1, 0, 0)
        now = shop.by("quarantine.row_accounting", "source_name", "entity")
        assert {key: picked(row, *names) for key, row in now.items()} == {
            ("till", "order_lines"): (7, 4, 0, 3, 0),
            ("web", "order_lines"): (8, 5, 3, 0, 0),
            ("phone", "order_lines"): (4, 2, 0, 1, 1),
            ("phone", "orders"): (4, 2, 0, 1, 1),
            ("crm", "customers"): (3, 2, 1, 0, 0),
            ("news", "customers"): (3, 1, 2, 0, 0),
        }


class TestNamespaces:
    def test_three_sources_order_17_are_three_orders_of_one_customer(self, shop):
        orders = [row for row in shop.rows("measures.order_measures") if row["order_id"] == "17"]
        assert sorted((row["id_namespace"], row["customer_id"]) for row in orders) == [
            ("phone", "17"),
            ("till", "17"),
            ("web", "17"),
        ]

    def test_shared_orders_and_own_customers(self, flipped):
        """Till's and web's order 17 is one; phone's customer 17 is another than theirs, and so is crm's."""
        orders = sorted(
            (row["id_namespace"], row["customer_id"], row["gross_amount"], row["sale_line_count"])
            for row in flipped.rows("measures.order_measures")
            if row["order_id"] == "17"
        )
        # 1234.50 once, for exact duplicates are dropped; 10 + 1000.50 + 6
        assert orders == [("phone", "phone:17", D(50), 1), ("shop", "17", D(2251), 4)]
        names = ("customer_name", "order_count", "net_amount")
        customers = flipped.by("gold.customer_360", "customer_id")
        assert {who: picked(row, *names) for who, row in customers.items()} == {
            "17": ("Ann N.", 1, D(2251)),
            "phone:17": (None, 1, D(45)),
            "crm:17": ("Ann", 0, 0),
            "18": ("Bob", 1, D(1000)),
            "crm:18": (None, 0, 0),
            "19": ("Cid", 1, D(30)),
            "20": (None, 1, D(20)),
        }


class TestExactDuplicates:
    def test_kept_and_counted(self, shop):
        found = {f.name: f.detail for f in check(shop.project).findings if f.section == "rows"}
        assert "(1 exact duplicate among them)" in found["till as order_lines"]
        assert "exact" not in found["web as order_lines"]  # it has a key
        assert sum(row["line_amount"] for row in lines_of(shop.rows("silver.order_lines"), "till")) == D(3473)

    def test_dropped(self, flipped):
        names = ("row_count", "silver_count", "duplicate_count", "quarantined_count", "filtered_count")
        accounting = flipped.by("quarantine.row_accounting", "source_name", "entity")
        assert picked(accounting["till", "order_lines"], *names) == (7, 3, 1, 3, 0)
        assert picked(accounting["web", "order_lines"], *names) == (8, 5, 3, 0, 0)
        till = lines_of(flipped.rows("silver.order_lines"), "till")
        assert sum(row["line_amount"] for row in till) == D("2238.50")


class TestOrdersWithoutLines:
    def test_each_becomes_one_line(self, shop):
        names = ("customer_id", "quantity", "unit_price", "line_discount_amount", "line_amount", "line_kind", "status")
        phone = {row["order_id"]: picked(row, *names) for row in lines_of(shop.rows("silver.order_lines"), "phone")}
        assert phone == {
            "17": ("17", D(1), D(50), D(5), D(45), "sale", "done"),
            "19": (None, D(1), D(12), D(0), D(12), "sale", "done"),
        }

    def test_they_stand_as_orders_too(self, shop):
        names = ("order_id", "order_amount", "order_discount_amount", "status")
        assert sorted(picked(row, *names) for row in shop.rows("silver.orders")) == [
            ("17", D(50), D(5), "done"),
            ("19", D(12), D(0), "done"),
        ]


class TestCustomersOfTwoSources:
    def test_the_first_source_that_has_a_value_gives_it(self, shop):
        names = ("customer_name", "email", "country", "signed_up_at", "source_name")
        customers = shop.by("silver.customers", "customer_id")
        # crm's newest row of 17 has no mail: its older one does not count, so news gives it
        joined = dt.datetime(2023, 4, 30, 21)  # 2023-05-01 01:00Z
        assert picked(customers["17"], *names) == ("Ann", "ann@news.test", "United Kingdom", joined, "crm")
        leap_day = dt.datetime(2024, 2, 29)
        assert picked(customers["18"], *names) == ("Bob", "bob@crm.test", "Spain", leap_day, "crm")
        assert picked(customers["19"], *names) == ("Cid", "cid@news.test", "United States", None, "news")
        assert set(customers) == {"17", "18", "19"}


class TestGuests:
    def test_in_revenue_and_in_no_customer_measure(self, shop):
        """Till 18: 2 x 2.00; phone 19: 12.00."""
        total = sum(row["net_amount"] for row in shop.rows("gold.daily_metrics"))
        customers = sum(row["net_amount"] for row in shop.rows("gold.customer_360"))
        assert total - customers == D(16)
        days = shop.by("gold.daily_metrics", "activity_date")
        names = ("order_count", "guest_order_count", "customer_count", "net_amount")
        assert picked(days[dt.date(2024, 1, 6)], *names) == (1, 1, 0, D(4))
        assert picked(shop.by("gold.engagement_daily", "activity_date")[dt.date(2024, 1, 6)], "dau", "wau") == (0, 1)
        assert shop.by("gold.dim_product", "product_id")["JAM"]["last_line_date"] == dt.date(2024, 1, 6)


class TestAsOf:
    def test_latest_is_the_last_day_with_a_line_that_counts(self, shop):
        assert shop.rows("measures.as_of") == [{"as_of_date": dt.date(2024, 6, 30), "first_date": dt.date(2024, 1, 4)}]

    def test_today_is_the_shops_today(self, flipped):
        as_of = flipped.rows("measures.as_of")[0]["as_of_date"]
        today = dt.datetime.now(ZoneInfo("America/New_York")).date()
        assert as_of in (today, today - dt.timedelta(1))  # the suite may run over midnight
        assert (
            flipped.by("gold.customer_churn", "customer_id")["19"]["days_since_last_order"]
            == (as_of - dt.date(2024, 6, 30)).days
        )
        assert list(flipped.by("gold.dim_date", "calendar_date"))[-1] == as_of

    def test_a_month_without_customers_has_no_stickiness(self, shop):
        days = shop.by("gold.engagement_daily", "activity_date")
        names = ("dau", "wau", "mau", "stickiness")
        assert picked(days[dt.date(2024, 2, 8)], *names) == (0, 0, 1, 0.0)  # phone 17 on 01-10, thirty days
        assert picked(days[dt.date(2024, 2, 9)], *names) == (0, 0, 0, None)
        assert picked(days[dt.date(2024, 6, 30)], *names) == (1, 1, 1, 1.0)
