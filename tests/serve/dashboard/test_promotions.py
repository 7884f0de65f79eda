"""The promotions page: usage, comparisons and loyalty are gold's."""

from __future__ import annotations

import pytest
from gold_rows import gold, records

from patron.project.number_format import Formats


def test_usage_is_gold(cafe, sheet):
    formats = Formats.of(cafe.settings.shop)
    page = sheet(cafe).open("promotions")
    count, rate = gold(cafe, "select count(*) filter (where is_promoted), avg(is_promoted::int) from gold.fct_orders")[
        0
    ]
    assert page.tile("Promoted orders") == formats.count(count)
    assert page.tile("Share of orders") == formats.share(rate, digits=1)
    months = records(page.csv("Promoted orders by month"))
    assert sum(int(row["Promoted orders"]) for row in months) == count


def test_each_comparison_is_gold_with_its_reading(cafe, sheet):
    formats = Formats.of(cafe.settings.shop)
    page = sheet(cafe).open("promotions")
    shown = page.table("Promoted customers compared with others")
    assert len(shown) == gold(cafe, "select count(*) from gold.promotion_impact")[0][0]
    sql = """
    select promoted_mean, other_mean, difference, difference_low, difference_high, reading, promoted_count
    from gold.promotion_impact
    where comparison = 'matched on window, orders and earlier spend' and measure = 'net_amount'
    """
    *amounts, reading, count = gold(cafe, sql)[0]
    promoted, other, difference, low, high = (formats.money(amount, cents=True) for amount in amounts)
    expected = [promoted, other, f"{difference} ({low} to {high})", reading.capitalize(), formats.count(count)]
    assert shown[0][1:] == expected
    output = {"higher": "spent more", "lower": "spent less"}.get(reading, "No significant difference")
    assert output in page.text()


def test_what_is_not_matched_says_so_and_readings_say_for_how_many_they_are_adjusted(cafe, sheet):
    page = sheet(cafe).open("promotions")
    results = {(row[0].split(":")[0], row[4]) for row in page.table("Promoted customers compared with others")}
    unmatched = {result for name, result in results if name != "Against similar customers"}
    assert unmatched == {"Not matched"}
    count = gold(cafe, "select max(compared_count) from gold.promotion_impact")[0][0]
    assert count == 2
    assert "Adjusted for 2 comparisons." in page.text()


def test_intervals_are_shares_of_what_the_others_do(cafe, sheet):
    sql = "select difference / other_mean from gold.promotion_impact where comparison like 'promoted%' and measure = 'historical_clv'"
    share = Formats.of(cafe.settings.shop).share(gold(cafe, sql)[0][0])
    assert f"+{share}" in sheet(cafe).open("promotions").text()


def test_members_are_gold(retailer, sheet):
    formats = Formats.of(retailer.settings.shop)
    shown = {row[0]: row[2:4] for row in sheet(retailer).open("promotions").table("Loyalty status in detail")}
    sql = "select loyalty_status, buyer_count, order_count from gold.spending_by_loyalty"
    assert shown == {
        name: [formats.count(buyers), formats.count(orders)] for name, buyers, orders in gold(retailer, sql)
    }


def test_discounts_without_promotions_are_shown_by_amount(retail, sheet):
    amount, rate = gold(
        retail, "select -sum(discount_amount), -sum(discount_amount) / sum(gross_amount) from gold.daily_metrics"
    )[0]
    page = sheet(retail).open("promotions")
    formats = Formats.of(retail.settings.shop)
    assert page.tile("Discounts") == formats.short_money(amount)
    assert page.tile("Discount rate") == formats.share(rate, digits=1)
    assert "Loyalty programme: no data" in page.text()


@pytest.mark.parametrize("output", ["Discounts: no data", "No source maps"])
def test_missing_discounts_name_the_mapping(retailer, sheet, output):
    assert output in sheet(retailer).open("promotions").text()
