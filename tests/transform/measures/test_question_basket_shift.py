"""Whose basket shrank, by hand (tests/shops/questions_b.py): the first two orders against the last two."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from shops.building import picked


@pytest.fixture(scope="module")
def shifts(grocer):
    return grocer.by("gold.basket_shift", "customer_id")


def test_fewer_than_four_orders_are_not_judged(shifts, grocer):
    assert set(shifts) == {"L1", "L2", "L3", "L4", "S1"}
    row = grocer.rows("gold.basket_shift_summary")[0]
    assert picked(row, "buyer_count", "too_few_orders_count", "judged_count") == (9, 4, 5)


def test_a_basket_that_shrank_in_pieces_though_not_in_money(shifts):
    # 10 and 10 pieces, then 8 and 7; 20.00, then 16.00 + 14.00
    row = shifts["S1"]
    assert picked(row, "early_units_per_order", "recent_units_per_order") == (10, Decimal("7.5"))
    assert picked(row, "early_amount_per_order", "recent_amount_per_order") == (10, 15)
    assert picked(row, "unit_drop_rate", "amount_drop_rate") == (0.25, -0.5)
    assert picked(row, "is_shrinking", "is_growing") == (True, False)


def test_a_fifth_is_not_over_a_fifth(shifts):
    assert picked(shifts["L4"], "unit_drop_rate", "is_shrinking") == (pytest.approx(0.2), False)  # 10 to 8


def test_the_order_in_the_middle_is_neither_early_nor_recent(shifts):
    # L1: 10, 7, (7), 7, 28
    row = shifts["L1"]
    assert picked(row, "early_units_per_order", "recent_units_per_order") == (Decimal("8.5"), Decimal("17.5"))
    assert picked(row, "early_first_date", "early_last_date") == (date(2024, 1, 1), date(2024, 1, 15))
    assert picked(row, "recent_first_date", "recent_last_date") == (date(2024, 1, 23), date(2024, 1, 30))
    assert picked(row, "is_shrinking", "is_growing") == (False, True)


def test_as_many_may_grow_by_chance_as_shrink(grocer):
    # L1 17 to 35 and L3 10 to 14 grew by more than a fourth; L2 17 to 14 and L4 10 to 8 stay within a fifth
    row = grocer.rows("gold.basket_shift_summary")[0]
    assert picked(row, "shrinking_count", "growing_count", "shrinking_rate", "growing_rate") == (1, 2, 0.2, 0.4)
    # pieces an order: 8.5 + 8.5 + 5 + 5 + 10 and 17.5 + 7 + 7 + 4 + 7.5, of five
    assert picked(row, "early_units_per_order", "recent_units_per_order") == (Decimal("7.4"), Decimal("8.6"))


def test_the_answer_lists_customers_whose_baskets_shrank(grocer, answer_to):
    answer = [picked(row, "customer_id", "unit_drop_rate") for row in answer_to(grocer, "basket_shift")]
    assert answer == [("S1", 0.25)]
