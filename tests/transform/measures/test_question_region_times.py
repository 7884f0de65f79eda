"""What regions are worth and when they order, by hand (tests/shops/questions_b.py)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from shops.building import picked


@pytest.fixture(scope="module")
def regions(grocer):
    return grocer.by("gold.region_ordering_times", "region")


def test_a_customer_is_of_the_region_on_file_whatever_the_orders_say(regions):
    # L1 59 and L2 38, though one order of L2 names East; their hours are 9 three times, 17 four times, 10 twice, 0 once
    north = regions["North"]
    assert picked(north, "customer_count", "total_historical_clv", "average_historical_clv") == (2, 97, Decimal("48.5"))
    assert picked(north, "order_count", "guest_order_count", "timed_order_count") == (10, 0, 10)
    assert picked(north, "preferred_hour", "preferred_hour_share") == (17, 0.4)
    assert picked(north, "preferred_weekday", "preferred_weekday_share") == (
        2,
        0.4,
    )  # Tuesday 4, Monday and Wednesday 3


def test_without_a_region_on_file_most_orders_say_it_and_ties_go_to_the_earlier_hour(regions):
    # C1 ordered in South twice and in North once; with C2 at 8, 10 and 12, twice each, always on a Monday
    south = regions["South"]
    assert picked(south, "customer_count", "total_historical_clv", "order_count") == (2, 48, 6)
    assert picked(south, "preferred_hour", "preferred_hour_share") == (8, pytest.approx(1 / 3))
    assert picked(south, "preferred_weekday", "preferred_weekday_share") == (1, 1)


def test_guests_are_of_their_orders_region_and_worth_nothing_as_customers(regions):
    east = regions["East"]
    assert picked(east, "customer_count", "total_historical_clv", "average_historical_clv") == (0, 0, None)
    assert picked(east, "order_count", "guest_order_count", "preferred_hour") == (9, 9, 12)


def test_who_has_no_region_is_a_group_of_its_own(regions):
    # C3 2, L3 4, L4 4, S1 4 orders; the weekdays from Monday: 3, 5, 3, 3
    unknown = regions["unknown"]
    assert picked(unknown, "customer_count", "order_count", "preferred_weekday") == (4, 14, 2)
    assert set(regions) == {"North", "South", "East", "West", "unknown"}


def test_midnight_is_no_hour_where_a_source_knows_none(regions):
    west = regions["West"]
    assert picked(west, "order_count", "timed_order_count", "hours_state") == (2, 0, "no hours known")
    assert picked(west, "preferred_hour", "preferred_hour_share", "preferred_weekday") == (None, None, 6)
    assert regions["North"]["hours_state"] == "hours known"


def test_the_heat_map_holds_every_order_once(grocer):
    rows = grocer.rows("gold.region_hours")
    assert sum(row["order_count"] for row in rows) == 41
    # the till's customers 224 pieces of F at 1.00 and 15 at 2.00, the fair's 10, guests 18 + 15 + 6 + 4 + 3; no refund
    assert sum(row["spent_amount"] for row in rows) == 224 + 30 + 10 + 46
    midnight = [row for row in rows if row["hour_of_day"] == 0]
    assert [picked(row, "region", "weekday", "order_count") for row in midnight] == [("North", 3, 1)]
    assert [row["order_count"] for row in rows if row["hour_of_day"] is None] == [2]


def test_regions_of_orders_alone(stall):
    rows = stall.by("gold.region_ordering_times", "region")
    # K1 ordered twice in Dale and once in Hill, and so is of Dale with all three orders
    assert {name: picked(row, "customer_count", "order_count", "hours_state") for name, row in rows.items()} == {
        "Dale": (1, 3, "no hours known")
    }


def test_the_answer_ranks_regions_by_value(grocer, answer_to):
    answer = [picked(row, "region", "preferred_hour", "preferred_weekday") for row in answer_to(grocer, "region_times")]
    # by value each: North 48.50, unknown 108 / 4 = 27.75, South 24, West 10, and East has no customer
    assert answer == [
        ("North", 17, "Tuesday"),
        ("unknown", 10, "Tuesday"),
        ("South", 8, "Monday"),
        ("West", None, "Saturday"),
        ("East", 12, "Monday"),
    ]
