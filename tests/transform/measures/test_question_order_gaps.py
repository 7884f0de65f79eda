"""Days between orders, by hand: tests/shops/questions_a.py."""

from __future__ import annotations

import pytest

from shops.building import picked

COLUMNS = ("order_count", "gap_count", "average_gap_days", "median_gap_days", "longest_gap_days")
SILENCE = ("days_since_last_order", "silence_ratio", "silence_reading")


@pytest.fixture(scope="module")
def customers(questions_a_shop):
    return questions_a_shop.by("gold.customer_order_gaps", "customer_id")


@pytest.mark.parametrize(
    ("who", "gaps", "silence"),
    [
        # 01-05 twice, 02-04, 03-15: gaps 0, 30, 40; 26 days to 04-10
        ("ann", (4, 3, pytest.approx(70 / 3), 30, 40), (26, pytest.approx(26 / 30), "as usual")),
        ("bob", (1, 0, None, None, None), (70, None, "one order")),
        ("cat", (2, 1, 10, 10, 10), (50, 5, "longer than any previous gap")),
        ("dan", (1, 0, None, None, None), (9, None, "one order")),  # one order on two days
        ("eve", (2, 1, 5, 5, 5), (91, 18.2, "longer than any previous gap")),
        # 01-01, 01-04, 01-11: gaps 3 and 7, and the median is between
        ("fay", (3, 2, 5, 5, 7), (90, 18, "longer than any previous gap")),
        # two orders at one moment: a gap of 0, of which no silence is a multiple
        ("gus", (2, 1, 0, 0, 0), (89, None, "longer than any previous gap")),
    ],
)
def test_gaps_and_silence(customers, who, gaps, silence):
    assert picked(customers[who], *COLUMNS) == gaps
    assert picked(customers[who], *SILENCE) == silence


def test_only_who_ordered_by_as_of_is_there(customers):
    assert sorted(customers) == ["ann", "bob", "cat", "dan", "eve", "fay", "gus"]


def test_all_gaps_together_lead_from_the_first_order_to_the_last(customers):
    for row in customers.values():
        if row["gap_count"]:
            whole = (row["last_order_date"] - row["first_order_date"]).days
            assert row["average_gap_days"] * row["gap_count"] == pytest.approx(whole)


def test_longer_than_usual_lies_between_the_median_and_the_longest(build_shop):
    """ann again, measured on 04-15: 31 days silent, above her median of 30 and below her longest of 40."""
    from shops import questions_a

    shop = build_shop("questions_a_later", questions_a.settings(as_of="2024-04-15"), questions_a.FILES)
    row = shop.by("gold.customer_order_gaps", "customer_id")["ann"]
    assert picked(row, "days_since_last_order", "silence_reading") == (31, "longer than usual")
    assert shop.by("gold.customer_order_gaps", "customer_id")["hal"]["days_since_last_order"] == 4
