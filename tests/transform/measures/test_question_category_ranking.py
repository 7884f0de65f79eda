"""Categories by margin, with what comes back, by hand (tests/shops/questions_b.py)."""

from __future__ import annotations

import pytest

from shops.building import picked


@pytest.fixture(scope="module")
def categories(grocer):
    return grocer.by("gold.category_ranking", "level", "department", "name")


def test_margin_where_the_cost_is_known(categories):
    # bread 9 at 2.00, cost 9; butter 5 at 3.00, one back, cost 3; milk 4 at 1.50, whose cost nobody knows
    bakery, dairy = categories["category", "Food", "Bakery"], categories["category", "Food", "Dairy"]
    columns = ("gross_amount", "net_amount", "costed_net_amount", "cost_amount", "margin_amount", "margin_rate")
    assert picked(bakery, *columns) == (18, 18, 18, 9, 9, 0.5)
    assert picked(dairy, *columns) == (21, 18, 12, 3, 9, 0.75)
    assert picked(dairy, "cost_known_rate", "product_count") == (pytest.approx(15 / 21), 2)
    assert bakery["cost_known_rate"] == 1


def test_equal_margins_are_ranked_by_name(categories):
    ranks = ("margin_amount_rank", "margin_rate_rank")
    assert picked(categories["category", "Food", "Bakery"], *ranks) == (1, 2)
    assert picked(categories["category", "Food", "Dairy"], *ranks) == (2, 1)


def test_articles_without_category_are_reported_and_not_ranked(categories):
    # filler 224 at 1.00, 15 at 2.00 and the fair's 10; rope 4; X, Y and Z 3
    unknown = categories["category", "unknown", "unknown"]
    assert picked(unknown, "product_count", "net_amount", "margin_amount", "margin_amount_rank") == (5, 271, None, None)


def test_departments_hold_the_same_again(categories):
    food = categories["department", "Food", "Food"]
    assert picked(food, "gross_amount", "margin_amount", "margin_amount_rank") == (39, 18, 1)
    assert set(categories) == {
        ("category", "Food", "Bakery"),
        ("category", "Food", "Dairy"),
        ("category", "unknown", "unknown"),
        ("department", "Food", "Food"),
        ("department", "unknown", "unknown"),
    }


def test_returns_are_measured_where_the_shop_records_any(categories):
    # one butter of nine pieces of dairy, 3.00 of 21.00; milk states 0.1, butter nothing
    dairy = categories["category", "Food", "Dairy"]
    assert picked(dairy, "measured_return_rate", "measured_return_amount_rate") == (
        pytest.approx(1 / 9),
        pytest.approx(3 / 21),
    )
    assert picked(dairy, "stated_return_rate", "return_rate_source") == (pytest.approx(0.1), "measured")
    assert dairy["return_rate"] == dairy["measured_return_rate"]
    bakery = categories["category", "Food", "Bakery"]
    assert picked(bakery, "return_rate", "stated_return_rate") == (0, pytest.approx(0.02))


def test_returns_are_stated_where_the_shop_records_none(stall):
    # 10 pieces at 0.1 and 30 at 0.02; a rate of 7 is no share, and counts for nothing
    row = stall.by("gold.category_ranking", "level", "name")["category", "Fruit"]
    assert picked(row, "department", "return_rate_source", "margin_amount", "cost_known_rate") == (
        "unknown",
        "stated",
        None,
        0,
    )
    assert row["return_rate"] == pytest.approx((1 + 0.6) / 40)


def test_the_answer_ranks_departments_before_categories(grocer, answer_to):
    answer = [picked(row, "level", "name", "margin_amount_rank") for row in answer_to(grocer, "category_ranking")]
    assert answer == [
        ("department", "Food", 1),
        ("department", "unknown", None),
        ("category", "Bakery", 1),
        ("category", "Dairy", 2),
        ("category", "unknown", None),
    ]
