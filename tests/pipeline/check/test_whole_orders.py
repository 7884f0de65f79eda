"""What belongs to a whole order: amounts, status, refunds, edits; each counts once, on its day."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import ClassVar

import pytest

from patron.errors import CheckFailedError, SettingsError
from patron.pipeline.check.check import check
from patron.pipeline.run import run
from patron.project.project import Project
from shops.building import BuiltShop, add_files, run_shop, table_rows, write_project

COLUMNS = {
    "order_id": "number",
    "ordered_at": "at",
    "customer_id": "who",
    "product_name": "article",
    "quantity": "pieces",
    "unit_price": "price",
}


def shop_of(columns: dict[str, str], orders: dict | None = None, **mapping) -> dict:
    """One source of lines, with more columns."""
    return {
        "shop": {"name": "Whole orders", "currency": "EUR"},
        "predictions": {"churn": {"enabled": False}},
        "orders": orders or {},
        "sources": {
            "lines": {"files": "lines*.csv", "entities": {"order_lines": {"columns": COLUMNS | columns} | mapping}}
        },
    }


def net(shop: BuiltShop) -> dict[str, Decimal]:
    buyers = (row for row in shop.rows("gold.customer_360") if row["order_count"])
    return {row["customer_id"]: row["net_amount"] for row in buyers}


def net_by_day(shop: BuiltShop) -> dict[dt.date, Decimal]:
    return {row["activity_date"]: row["net_amount"] for row in shop.rows("gold.daily_metrics") if row["net_amount"]}


REPEATED = table_rows("""
number | at         | who | article | pieces | price | off  | postage
1      | 2024-03-01 | ann | mug     | 2      | 20.00 | 7.00 | 5.00
1      | 2024-03-01 | ann | bowl    | 1      | 30.00 | 7.00 | 5.00
2      | 2024-03-02 | ben | plate   | 1      | 9.99  | 1.00 | 5.00
3      | 2024-03-02 | kim | plate   | 3      | 9.99  | 0    | 5.00
3      | 2024-03-02 | kim | mug     | 1      | 20.00 | 0    | 5.00
""")


class TestAmountsOfWholeOrders:
    def test_an_amount_repeated_on_each_line_counts_once(self, build_money):
        settings = shop_of({"order_discount_amount": "off", "order_shipping_amount": "postage"})
        shop = build_money("repeated", settings, {"lines.csv": REPEATED})
        assert net(shop) == {"ann": 63, "ben": Decimal("8.99"), "kim": Decimal("49.97")}
        rows = shop.query("select line_discount_amount, shipping_amount from silver.order_lines order by _row_key")
        assert [tuple(row.values()) for row in rows] == [
            (4, Decimal("2.86")),
            (3, Decimal("2.14")),
            (1, 5),
            (0, 3),
            (0, 2),
        ]

    @pytest.mark.parametrize("column", ["line_discount_amount", "shipping_amount"])
    def test_the_same_amount_on_all_lines_is_not_taken_for_each_lines_own(self, tmp_path, column):
        read = {"line_discount_amount": "off", "shipping_amount": "postage"}[column]
        folder = write_project(tmp_path, shop_of({column: read}), {"lines.csv": REPEATED})
        with pytest.raises(CheckFailedError, match=f"the same {column} on each of them") as stopped:
            run(Project.load(folder))
        assert f"columns.{column}" in stopped.value.where

    def test_own_amounts_says_that_it_is(self, build_money):
        settings = shop_of({"line_discount_amount": "off"}, own_amounts=["line_discount_amount"])
        shop = build_money("own", settings, {"lines.csv": REPEATED})
        assert net(shop) == {"ann": 56, "ben": Decimal("8.99"), "kim": Decimal("49.97")}

    def test_discounts_that_differ_by_line_are_each_lines_own(self, build_money):
        lines = [row | {"off": str(place)} for place, row in enumerate(REPEATED)]
        shop = build_money("by line", shop_of({"line_discount_amount": "off"}), {"lines.csv": lines})
        assert net(shop) == {"ann": 69, "ben": Decimal("7.99"), "kim": Decimal("42.97")}

    def test_several_amounts_for_one_order_stop_the_run(self, tmp_path):
        lines = [row | {"off": str(place + 1)} for place, row in enumerate(REPEATED)]
        folder = write_project(tmp_path, shop_of({"order_discount_amount": "off"}), {"lines.csv": lines})
        with pytest.raises(CheckFailedError, match="2 of 3 orders give several order_discount_amount, such as order 1"):
            run(Project.load(folder))

    def test_filling_a_lines_own_amount_down_is_refused(self, tmp_path):
        settings = shop_of({"line_discount_amount": "off"}, fill_down=["line_discount_amount"])
        with pytest.raises(SettingsError, match="would repeat line_discount_amount on each line") as refused:
            Project.load(write_project(tmp_path, settings, {}))
        assert "order_discount_amount" in refused.value.do


TOTALS = table_rows("""
number | at         | who | article   | pieces | price | state
1      | 2024-03-01 | ann | mug       | 2      | 20.00 | paid
1      | 2024-03-01 | ann | Gift Card | 1      | 50.00 | paid
1      | 2024-03-01 | ann | Tip       | 1      | 3.00  | paid
1      | 2024-03-01 | ann | Shipping  | 1      | 4.00  | paid
2      | 2024-03-02 | ben | tipi tent | 1      | 90.00 | paid
2      | 2024-03-02 | ben | Gift card | 1      | -50.00| paid
""")


class TestPartsOfMoney:
    def test_gift_cards_tips_and_postage_are_no_revenue(self, build_money):
        shop = build_money("gifts", shop_of({}), {"lines.csv": TOTALS})
        assert net(shop) == {"ann": 40, "ben": 90}
        (day,) = [row for row in shop.rows("measures.ledger") if row["ledger_date"] == dt.date(2024, 3, 1)]
        assert (day["gift_card_amount"], day["charge_amount"], day["gross_amount"]) == (50, 7, 40)

    def test_an_order_paid_with_a_gift_card_is_revenue_in_full(self, build_money):
        lines = [row | {"card": "30"} for row in REPEATED[:2]]
        shop = build_money("redeemed", shop_of({"order_gift_card_amount": "card"}), {"lines.csv": lines})
        assert net(shop) == {"ann": 70}

    def test_test_orders_count_nowhere(self, build_money):
        lines = [row | {"tag": "yes" if row["number"] == "2" else "no"} for row in REPEATED]
        shop = build_money("test orders", shop_of({"is_test": "tag"}), {"lines.csv": lines})
        assert net(shop) == {"ann": 70, "kim": Decimal("49.97")}
        assert sum(row["test_amount"] for row in shop.rows("measures.ledger")) == Decimal("9.99")

    @pytest.mark.parametrize(("tax", "expected"), [("included", 70), ("added", 70), ("deducted", 59)])
    def test_tax_is_taken_out_of_revenue_only_where_prices_contain_it_and_it_is_deducted(
        self, build_money, tax, expected
    ):
        lines = [row | {"vat": "11.00"} for row in REPEATED[:2]]
        shop = build_money(f"tax {tax}", shop_of({"order_tax_amount": "vat"}, {"tax": tax}), {"lines.csv": lines})
        assert net(shop) == {"ann": expected}

    def test_refunds_with_taxes_ask_whether_prices_contain_them(self, tmp_path):
        settings = shop_of({"order_tax_amount": "vat", "order_refund_amount": "back"})
        with pytest.raises(SettingsError, match="order_tax_amount and order_refund_amount are mapped") as refused:
            Project.load(write_project(tmp_path, settings, {}))
        assert "tax: included" in refused.value.do

    def test_costs_that_lines_state_make_the_margin(self, build_shop):
        lines = [row | {"cost": "3.00", "sku": row["article"]} for row in REPEATED]
        back = REPEATED[0] | {"number": "7", "pieces": "-1", "cost": "-1.50", "sku": "mug"}
        settings = shop_of({"cost_amount": "cost", "product_id": "sku"})
        shop = build_shop("costs", settings, {"lines.csv": [*lines, back]})
        margin = shop.by("gold.product_margin", "product_id")
        assert (margin["mug"]["cost_amount"], margin["mug"]["margin_amount"]) == (Decimal("4.5"), Decimal("35.5"))
        assert margin["bowl"]["margin_amount"] == 27


class TestRefunds:
    # goods 70, postage 5; with tax on top: 13.30 more
    @pytest.mark.parametrize(
        ("tax", "back", "left"),
        [
            ("included", "75.00", "0"),
            ("included", "72.00", "0"),
            ("included", "30.00", "40.00"),
            ("added", "88.30", "0"),
            ("added", "44.15", "32.50"),
            ("included", "80.00", "-5.00"),
        ],
    )
    def test_the_goods_part_of_a_refund_leaves_revenue(self, build_shop, tax, back, left):
        lines = [row | {"vat": "13.30", "back": back, "back_at": "2024-03-09"} for row in REPEATED[:2]]
        columns = {
            "order_shipping_amount": "postage",
            "order_tax_amount": "vat",
            "order_refund_amount": "back",
            "refunded_at": "back_at",
        }
        shop = build_shop(f"refund {back}", shop_of(columns, {"tax": tax}), {"lines.csv": lines})
        assert net(shop) == {"ann": Decimal(left)}
        assert net_by_day(shop) == {dt.date(2024, 3, 1): 70, dt.date(2024, 3, 9): Decimal(left) - 70}
        assert any("gave back more than it took" in one for one in shop.report.warnings) == (back == "80.00")
        assert not [one for one in check(shop.project).findings if one.status == "fail"]

    def test_a_status_that_turns_to_refunded_is_a_refund_on_the_day_it_changed(self, tmp_path):
        settings = shop_of(
            {"status": "state", "updated_at": "changed"},
            {"spend_statuses": ["paid"], "refunded_statuses": ["refunded"]},
            key=["order_id", "product_name"],
        )
        paid = [row | {"state": "paid", "changed": "2024-03-02"} for row in REPEATED]
        shop = run_shop(write_project(tmp_path, settings, {"lines_1.csv": paid}))
        assert net(shop) == {"ann": 70, "ben": Decimal("9.99"), "kim": Decimal("49.97")}
        changed = [row | {"state": "refunded", "changed": "2024-04-05"} for row in REPEATED[:2]]
        add_files(tmp_path, {"lines_2.csv": changed})
        shop.run()
        assert net_by_day(shop) == {
            dt.date(2024, 3, 1): 70,
            dt.date(2024, 3, 2): Decimal("59.96"),
            dt.date(2024, 4, 5): -70,
        }
        assert net(shop)["ann"] == 0
        incremental = shop.rows("silver.order_lines")
        shop.run(full_refresh=True)
        assert shop.rows("silver.order_lines") == incremental


class TestEditedOrders:
    SETTINGS = shop_of({"updated_at": "exported"}, whole_orders=True)

    def test_lines_that_a_newer_file_lacks_are_gone_whatever_arrives_first(self, tmp_path):
        first = [row | {"exported": "2024-03-05"} for row in REPEATED]
        newer = [row | {"exported": "2024-03-09", "price": "25.00"} for row in REPEATED[:1]]
        older = [row | {"exported": "2024-03-04", "price": "99.00"} for row in REPEATED]
        shop = run_shop(write_project(tmp_path, self.SETTINGS, {"lines_1.csv": first}))
        add_files(tmp_path, {"lines_2.csv": newer})
        shop.run()
        right = {"ann": 50, "ben": Decimal("9.99"), "kim": Decimal("49.97")}
        assert net(shop) == right
        add_files(tmp_path, {"lines_0.csv": older})
        shop.run()
        assert not shop.report.is_full_build
        assert net(shop) == right
        assert not [one for one in check(shop.project).findings if one.status == "fail"]
        (account,) = shop.rows("quarantine.row_accounting")
        assert (account["row_count"], account["silver_count"], account["duplicate_count"]) == (11, 4, 7)
        incremental = shop.rows("silver.order_lines")
        shop.run(full_refresh=True)
        assert shop.rows("silver.order_lines") == incremental

    def test_the_newest_document_of_an_order_says_which_lines_it_has(self, build_money):
        def document(changed: str, *prices: float) -> str:
            items = [{"sku": f"a{place}", "price": price} for place, price in enumerate(prices)]
            return (
                json.dumps({"number": 1, "at": "2024-03-01", "who": "ann", "changed": changed, "items": items}) + "\n"
            )

        columns = {"order_id": "number", "ordered_at": "at", "customer_id": "who", "updated_at": "changed"}
        columns |= {"product_id": "items.sku", "unit_price": "items.price"}
        settings = self.SETTINGS | {
            "sources": {
                "lines": {
                    "files": "*.jsonl",
                    "entities": {"order_lines": {"columns": columns, "explode": "items", "whole_orders": True}},
                }
            }
        }
        files = {
            "a.jsonl": document("2024-03-01", 5, 7) + document("2024-03-03", 6),
            "b.jsonl": document("2024-03-02", 9, 9, 9),
        }
        assert net(build_money("documents", settings, files)) == {"ann": 6}

    def test_an_order_that_two_files_hold_unchanged_counts_once(self, build_money):
        rows = [row | {"exported": "2024-03-05"} for row in REPEATED]
        more = [REPEATED[0] | {"number": "9", "exported": "2024-03-06", "who": "lea"}]
        shop = build_money("twice", self.SETTINGS, {"lines_1.csv": rows, "lines_2.csv": rows + more})
        assert net(shop) == {"ann": 70, "ben": Decimal("9.99"), "kim": Decimal("49.97"), "lea": 40}

    def test_the_time_stamp_may_stand_in_the_files_name(self, build_money):
        stamp = "regexp_extract(_source_file, '[0-9]{4}-[0-9]{2}-[0-9]{2}')"
        files = {"lines_2024-03-09.csv": REPEATED[:1], "lines_2024-03-05.csv": REPEATED}
        shop = build_money("named", shop_of({"updated_at": stamp}, whole_orders=True), files)
        assert net(shop) == {"ann": 40, "ben": Decimal("9.99"), "kim": Decimal("49.97")}

    @pytest.mark.parametrize(("columns", "mapping"), [({}, {}), ({"updated_at": "x"}, {"key": ["order_id"]})])
    def test_whole_orders_need_a_time_stamp_and_no_key(self, tmp_path, columns, mapping):
        settings = shop_of(columns, whole_orders=True, **mapping)
        with pytest.raises(SettingsError, match="whole_orders"):
            Project.load(write_project(tmp_path, settings, {}))


CURRENCIES = table_rows("""
number | at         | who | article | pieces | price  | money
1      | 2024-03-01 | ann | mug     | 1      | 100.00 | EUR
2      | 2024-03-02 | ben | mug     | 1      | 100.00 | usd
3      | 2024-05-04 | kim | mug     | 3      | 33.33  | USD
""")
RATE_COLUMNS = {"currency": "money", "valid_from_date": "since", "exchange_rate": "rate"}


def converted(rates: str) -> dict:
    settings = shop_of({"currency": "money"})
    settings["sources"]["rates"] = {"files": "rates.csv", "entities": {"exchange_rates": {"columns": RATE_COLUMNS}}}
    return settings


class TestCurrencies:
    def test_amounts_are_converted_at_the_last_rate_known(self, build_shop):
        rates = table_rows("money | since | rate\nUSD | 2024-03-01 | 0.9\nUSD | 2024-03-08 | 0.8")
        shop = build_shop("rates", converted("rates"), {"lines.csv": CURRENCIES, "rates.csv": rates})
        assert net(shop) == {"ann": 100, "ben": 90, "kim": Decimal("79.992")}
        (kept,) = shop.query(
            "select original_currency, original_amount, currency from silver.order_lines where customer_id = 'kim'"
        )
        assert kept == {"original_currency": "USD", "original_amount": Decimal("99.99"), "currency": "EUR"}
        (gap,) = [one for one in shop.report.warnings if one.startswith("USD")]
        assert (
            gap == "USD: no rate after that of 2024-03-08 until 2024-05-04; 1 line is converted at the last known one"
        )

    def test_a_day_before_the_first_rate_stops_the_run(self, tmp_path):
        rates = table_rows("money | since | rate\nUSD | 2024-03-03 | 0.9")
        folder = write_project(tmp_path, converted("late"), {"lines.csv": CURRENCIES, "rates.csv": rates})
        with pytest.raises(CheckFailedError, match=r"USD \(1 line, 2024-03-02 to 2024-03-02\)"):
            run(Project.load(folder))

    def test_a_currency_on_the_first_row_only_is_not_the_shops_on_the_others(self, tmp_path):
        lines = [CURRENCIES[1], CURRENCIES[1] | {"money": None}]
        rates = table_rows("money | since | rate\nUSD | 2024-03-01 | 0.9")
        folder = write_project(tmp_path, converted("first"), {"lines.csv": lines, "rates.csv": rates})
        with pytest.raises(CheckFailedError, match="1 of 1 orders with several lines have a currency on the first"):
            run(Project.load(folder))

    def test_without_rates_nothing_is_added_up(self, tmp_path):
        folder = write_project(tmp_path, shop_of({"currency": "money"}), {"lines.csv": CURRENCIES})
        with pytest.raises(CheckFailedError, match="several currencies"):
            run(Project.load(folder))


class TestPayments:
    def test_payments_that_differ_from_their_orders_are_told(self, build_shop):
        settings = shop_of({"order_shipping_amount": "postage"}, namespace={"order_id": "shop"})
        payments = {"order_id": "number", "payment_amount": "paid", "payment_method": "how"}
        settings["sources"]["payments"] = {
            "files": "payments.csv",
            "entities": {"payments": {"columns": payments, "namespace": {"order_id": "shop"}}},
        }
        paid = table_rows("""
        number | paid  | how
        1      | 50.00 | card
        1      | 25.00 | voucher
        2      | 14.99 | card
        3      | 50.00 | card
        8      | 1.00  | cash
        """)
        shop = build_shop("payments", settings, {"lines.csv": REPEATED, "payments.csv": paid})
        (warning,) = [one for one in shop.report.warnings if one.startswith("payments")]
        assert "1 of 4 paid orders differs from their payments (paid 140.99, orders 144.96" in warning
        assert "1 paid order has no lines" in warning


def test_a_status_on_the_head_reaches_its_lines(build_money):
    heads = table_rows("number | at | who | state\n1 | 2024-03-01 | ann | paid\n2 | 2024-03-02 | ben | void")
    items = table_rows("number | price\n1 | 60.00\n1 | 40.00\n2 | 30.00")
    shared = {"namespace": {"order_id": "shop"}}
    head = {"order_id": "number", "ordered_at": "at", "customer_id": "who", "status": "state"}
    line = {"order_id": "number", "ordered_at": "heads.at", "unit_price": "price"}
    settings = {
        "shop": {"name": "Heads", "currency": "EUR"},
        "predictions": {"churn": {"enabled": False}},
        "orders": {"spend_statuses": ["paid"]},
        "sources": {
            "heads": {"files": "heads.csv", "entities": {"orders": {"columns": head} | shared}},
            "items": {
                "files": "items.csv",
                "lookups": {"heads": {"on": "number"}},
                "entities": {"order_lines": {"columns": line} | shared},
            },
        },
    }
    assert net(build_money("inherited", settings, {"heads.csv": heads, "items.csv": items})) == {"ann": 100}


class TestFullExtracts:
    STAMP: ClassVar = {"stamp": "regexp_extract(_source_file, '[0-9]{8}')", "format": "%Y%m%d"}

    def settings(self) -> dict:
        settings = shop_of({})
        settings["sources"]["lines"]["full_extract"] = self.STAMP
        return settings

    def test_the_latest_extract_replaces_those_before_it_whatever_arrives_first(self, tmp_path):
        corrected = [row | {"price": "10.00"} for row in REPEATED[:3]]
        shop = run_shop(write_project(tmp_path, self.settings(), {"lines_20240305.csv": REPEATED}))
        add_files(tmp_path, {"lines_20240309.csv": corrected})
        shop.run()
        right = {"ann": 30, "ben": 10}
        assert net(shop) == right
        add_files(tmp_path, {"lines_20240301.csv": [row | {"price": "99.00"} for row in REPEATED]})
        shop.run()
        assert net(shop) == right
        assert not [one for one in check(shop.project).findings if one.status == "fail"]
        (account,) = shop.rows("quarantine.row_accounting")
        assert (account["row_count"], account["silver_count"], account["duplicate_count"]) == (13, 3, 10)

    def test_a_stamp_that_cannot_be_read_stops_the_run(self, tmp_path):
        files = {"lines_20240305.csv": REPEATED, "lines_new.csv": REPEATED[:2]}
        folder = write_project(tmp_path, self.settings(), files)
        with pytest.raises(CheckFailedError, match=r"2 rows of lines without a time stamp .* lines_new.csv"):
            run(Project.load(folder))

    def test_customers_that_a_newer_extract_lacks_are_gone(self, tmp_path):
        settings = shop_of({})
        settings["sources"]["people"] = {
            "files": "people*.csv",
            "full_extract": self.STAMP,
            "entities": {"customers": {"columns": {"customer_id": "who", "city": "town"}}},
        }
        people = table_rows("who | town\nann | Bonn\nben | Köln")
        shop = run_shop(write_project(tmp_path, settings, {"lines.csv": REPEATED, "people_20240305.csv": people}))
        add_files(tmp_path, {"people_20240306.csv": [people[0] | {"town": "Ulm"}]})
        shop.run()
        assert [(row["customer_id"], row["city"]) for row in shop.rows("silver.customers")] == [("ann", "Ulm")]
