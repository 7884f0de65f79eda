"""Line kinds, flags, countries and price behaviour by the online_retail rules, each line judged beforehand.

The lines and what they should become: tests/shops/retailer.py.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from patron.transform.render.rules import LINE_KINDS, read_rules
from patron.transform.rule_files import find_shipped_rule_file
from shops import retailer
from shops.building import picked

D = Decimal


@pytest.fixture(scope="module")
def shop(build_shop):
    return build_shop("retailer", retailer.settings(), retailer.files())


@pytest.fixture(scope="module")
def judged(shop):
    """Each line of KINDS with the line that silver made of it, found by its minute."""
    first = dt.datetime(2011, 3, 1, 9)
    by_minute = {
        int((row["ordered_at"] - first).total_seconds() // 60): row
        for row in shop.rows("silver.order_lines")
        if row["order_date"] == first.date()
    }
    assert len(by_minute) == len(retailer.KINDS)
    return [(row, by_minute[int(row["no"])]) for row in retailer.KINDS]


def test_every_line_is_what_it_was_judged_to_be(judged):
    for expected, line in judged:
        assert line["line_kind"] == expected["kind"], expected


def test_every_flag_is_what_it_was_judged_to_be(judged):
    for expected, line in judged:
        assert line["unit_price_flag"] == expected["price_flag"], expected
        assert line["quantity_flag"] == expected["qty_flag"], expected


def test_every_kind_and_every_flag_of_the_rule_file_has_a_line():
    rules = read_rules(find_shipped_rule_file("line_kinds", "online_retail"))
    column = {"line_kind": "kind", "unit_price_flag": "price_flag", "quantity_flag": "qty_flag"}
    for rule_set, judged_as in column.items():
        labels = {rule.label for rule in rules if rule.rule_set == rule_set}
        assert labels <= {row[judged_as] for row in retailer.KINDS}
    assert {row["kind"] for row in retailer.KINDS} == set(LINE_KINDS) - {"not_completed", "test", "gift_card"}


def test_ledger_of_the_day_of_all_kinds(shop):
    """Each kind's total by hand, from the table of KINDS."""
    day = shop.by("measures.ledger", "ledger_date")[dt.date(2011, 3, 1)]
    # 5 6: 2 each; 15: 1; 19: 2.95; 24: 5; 28: 1.25; 34: 9; 45: 3; 47: .01; 53: 10; 54: 5; 55: 2.5
    assert day["gross_amount"] == D("43.71")
    assert day["discount_amount"] == D("-25.50")  # -27.50 + 2.00
    assert day["refund_amount"] == D("-9")  # -3 -6 +3 0 0 -3
    assert day["free_amount"] == 0
    assert day["adjustment_amount"] == D(30)  # 5 - 5 + 30
    assert day["bad_debt_amount"] == 0  # -110.62 + 110.62
    # 36 - 18 + 569.77 + 50 - 15 - 1.60 + 13.10 + 0 + 3 + 4
    assert day["charge_amount"] == D("641.27")
    assert day["invalid_amount"] == 0  # -3 and, on the credit note, -1 x -3
    assert day["raw_amount"] == D("680.48")
    assert (day["line_count"], day["raw_line_count"]) == (55, 55)


def test_measures_take_sales_discounts_and_returns_only(shop):
    """Customer c1: gross without the guests' 1.25, 5 and 2.50; discounts and refunds as in the ledger."""
    c1 = shop.by("gold.customer_360", "customer_id")["c1"]
    names = ("gross_amount", "discount_amount", "refund_amount", "net_amount")
    assert picked(c1, *names) == (D("34.96"), D("-25.50"), D("-9"), D("0.46"))
    # orders 5 6 15 19 24 34 c45 47 53: nine with a sale line
    assert picked(c1, "order_count", "purchase_day_count", "average_order_value") == (9, 1, D("0.0511"))
    day = shop.by("gold.daily_metrics", "activity_date")[dt.date(2011, 3, 1)]
    assert picked(day, *names) == (D("43.71"), D("-25.50"), D("-9"), D("9.21"))
    assert day["other_amount"] == D("671.27")  # adjustments 30 and charges 641.27
    assert picked(day, "order_count", "guest_order_count", "customer_count") == (12, 3, 1)


def test_formula_clv_in_weeks(shop):
    # measured at 2011-03-20, 19 days after: 0.46 x 19 / 7 = 1.248571; x 0.6 = 0.749143
    c1 = shop.by("gold.customer_clv", "customer_id")["c1"]
    names = ("tenure_days", "formula_clv_revenue", "formula_clv_profit")
    assert picked(c1, *names) == (19, D("1.2486"), D("0.7491"))


def test_countries(shop):
    found = {row["order_id"]: row["country"] for row in shop.rows("silver.order_lines") if row["product_id"] == "g1"}
    assert found == {f"g{number}": mapped for number, mapped in enumerate(retailer.COUNTRIES.values())}


class TestPriceBehaviour:
    def test_each_product(self, shop):
        products = shop.by("gold.product_price_behaviour", "product_id")
        assert {code: products[code]["price_behaviour"] for code in retailer.BEHAVIOUR} == retailer.BEHAVIOUR

    def test_manual_lines(self, shop):
        """Adjustments make a product manual: by code M and S, and by the remark of a stock check (22001)."""
        products = shop.by("gold.product_price_behaviour", "product_id")
        names = ("price_behaviour", "manual_line_count", "zero_price_line_count", "price_count")
        assert picked(products["M"], *names) == ("zero_or_manual", 2, 1, 0)
        assert picked(products["m"], *names) == ("zero_or_manual", 1, 0, 0)
        assert picked(products["S"], *names) == ("zero_or_manual", 1, 0, 0)
        assert picked(products["22001"], *names) == ("zero_or_manual", 2, 2, 0)
        assert picked(products["22008"], *names) == ("normal", 0, 0, 1)

    def test_what_stands_beside_the_label(self, shop):
        w3 = shop.by("gold.product_price_behaviour", "product_id")["w3"]
        assert w3 == {
            "product_id": "w3",
            "price_behaviour": "oscillating_or_promotional",
            "price_count": 3,
            "lowest_price": D(4),
            "highest_price": D(9),
            "zero_price_line_count": 0,
            "manual_line_count": 0,
            "sale_line_count": 5,
            "unit_count": D(5),
            "gross_amount": D(27),  # 5 + 9 + 4 + 4 + 5
            "first_sale_date": dt.date(2011, 3, 2),
            "last_sale_date": dt.date(2011, 3, 9),
        }

    def test_what_was_never_sold_has_no_price(self, shop):
        n2 = shop.by("gold.product_price_behaviour", "product_id")["n2"]
        names = ("price_count", "lowest_price", "highest_price", "sale_line_count", "first_sale_date", "last_sale_date")
        assert picked(n2, *names, "gross_amount") == (0, None, None, 0, None, None, 0)

    def test_a_line_without_a_product_is_no_product(self, shop):
        assert None not in shop.by("gold.product_price_behaviour", "product_id")
        assert None not in shop.by("gold.dim_product", "product_id")
