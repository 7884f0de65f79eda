"""Customers who become regulars, before and after, by hand (tests/shops/questions_b.py)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from shops.building import picked

MONTH = 30 / 7
"""Windows are a week, and answer as rates of 30 days."""


@pytest.fixture(scope="module")
def customers(grocer):
    return grocer.by("gold.loyalty_uplift", "customer_id")


@pytest.fixture(scope="module")
def summary(grocer):
    return grocer.by("gold.loyalty_uplift_summary", "comparison", "measure")


def test_who_crossed_when(customers):
    assert set(customers) == {"L1", "L2", "L3", "L4", "S1"}
    columns = ("crossed_date", "days_to_cross", "order_count", "early_order_count", "early_net_amount")
    assert picked(customers["L1"], *columns) == (date(2024, 1, 23), 22, 5, 1, 10)
    assert picked(customers["L4"], *columns) == (date(2024, 1, 4), 3, 4, 4, 18)


def test_spend_before_and_after_leaves_out_the_day_of_the_crossing(customers):
    # 10 + 7 + 7 in 22 days; 28 in the 19 days from 01-23 to 02-11
    row = customers["L1"]
    assert picked(row, "before_net_amount", "before_amount_per_30_days") == (24, Decimal("32.7273"))
    assert picked(row, "after_days", "after_net_amount", "after_amount_per_30_days") == (19, 28, Decimal("44.2105"))
    assert row["amount_per_30_days_change"] == Decimal("11.4832")


def test_who_can_be_compared(customers):
    # L1, L2 and L3 had three orders in 21, 20 and 21 days, and C1, whose third is in the fourth week, two in 14: one in 7 days.
    # C2's third order is in the fifth week, and C3 has two
    columns = ("alike_count", "comparison_state")
    assert {who: picked(row, *columns) for who, row in customers.items()} == {
        "L1": (1, "compared"),
        "L2": (1, "compared"),
        "L3": (1, "compared"),
        "L4": (0, "incomplete window"),
        "S1": (0, "incomplete window"),
    }


def test_matched_on_pace(summary):
    # third to fifth week: L1 14 to 28, L2 14 to 7, L3 7 to 0; C1 7 to 0
    row = summary["matched on pace", "net_amount"]
    assert picked(row, "crosser_count", "other_count", "unmatched_count") == (3, 1, 0)
    assert picked(row, "crosser_before_mean", "crosser_after_mean") == (50, 50)
    assert picked(row, "other_before_mean", "other_after_mean") == (30, 0)
    assert row["difference"] == 30
    # changes 60, -30, -30 and -30: squares 5400 around the crossers' mean, and 6075 around that of all, which stands for C1's
    error = 1.959964 * (5400 / 2 / 3 + 6075 / 3 / 1) ** 0.5
    assert picked(row, "difference_low", "difference_high") == (
        pytest.approx(30 - error, abs=1e-3),
        pytest.approx(30 + error, abs=1e-3),
    )
    assert picked(row, "reading", "p_value") == ("too few to compare", None)
    orders = summary["matched on pace", "order_count"]  # 2 to 1, 2 to 1 and 1 to 0; C1 1 to 0
    assert orders["difference"] == 0


def test_before_and_after(summary):
    row = summary["before and after", "net_amount"]  # with L3, 7 to 0: changes 60, -30 and -30
    assert picked(row, "crosser_count", "difference", "other_before_mean") == (3, 0, None)
    assert row["difference_high"] == pytest.approx(1.959964 * (5400 / 2 / 3) ** 0.5, abs=1e-3)
    assert row["reading"] == "not matched"


def test_the_answer_has_a_row_per_comparison_and_measure(grocer, answer_to):
    answer = answer_to(grocer, "loyalty_uplift")
    assert [picked(row, "comparison", "measure") for row in answer] == [
        ("before and after", "net_amount"),
        ("before and after", "order_count"),
        ("matched on pace", "net_amount"),
        ("matched on pace", "order_count"),
    ]
    assert {picked(row, "reached_count", "median_days_to_cross") for row in answer} == {(5, 22)}  # 3, 3, 22, 22, 22
