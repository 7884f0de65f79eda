"""First orders against later ones, by hand: tests/shops/questions_a.py."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from shops.building import picked

JAN, FEB, MAR, APR = (date(2024, month, 1) for month in range(1, 5))


@pytest.fixture(scope="module")
def months(questions_a_shop):
    return questions_a_shop.by("gold.monthly_order_value", "order_month_date")


@pytest.mark.parametrize(
    ("month", "first", "returning", "guest"),
    [
        # first: ann A1 60, bob 50, eve E1 100, fay F1 100, gus G1 600 (G1 comes before G10 at the same moment)
        # later: ann A2 40, eve E2 100, fay 2 x 100, gus G10 400
        (JAN, (5, 910, 182), (5, 740, 148), (0, 0, None)),
        (FEB, (1, 80, 80), (2, 118, 59), (1, 33, 33)),  # cat C1; ann A3 100 and cat C2 20 less 2; a guest
        (MAR, (1, 12, 12), (1, 40, 40), (0, 0, None)),  # dan's whole order, though it ends in April; ann A4
        (APR, (0, 0, None), (0, 0, None), (1, 7, 7)),
    ],
)
def test_orders_by_kind(months, month, first, returning, guest):
    for kind, expected in {"first": first, "returning": returning, "guest": guest}.items():
        columns = (f"{kind}_order_count", f"{kind}_spent_amount", f"amount_per_{kind}_order")
        assert picked(months[month], *columns) == expected, kind


def test_the_difference(months):
    assert picked(months[JAN], "difference_amount", "difference_rate") == (-34, pytest.approx(-34 / 182))
    assert picked(months[FEB], "difference_amount", "difference_rate") == (-21, pytest.approx(-21 / 80))
    assert picked(months[MAR], "difference_amount", "difference_rate") == (28, pytest.approx(28 / 12))
    assert picked(months[APR], "difference_amount", "difference_rate", "is_complete") == (None, None, False)
    assert isinstance(months[JAN]["difference_amount"], Decimal)


def test_what_belongs_to_no_order_is_reported_and_the_month_adds_up(months, questions_a_shop):
    # cat's refund; nothing; bob's refund and the 7 that dan's order took in April; those 7
    unassigned = {JAN: -5, FEB: 0, MAR: -27, APR: 7}
    assert {month: row["unassigned_amount"] for month, row in months.items()} == unassigned
    assert {month: row["net_amount"] for month, row in months.items()} == {JAN: 1645, FEB: 231, MAR: 25, APR: 14}
    periods = questions_a_shop.by("gold.period_metrics", "period_kind", "period_start_date")
    for month, row in months.items():
        assert picked(row, "net_amount", "is_complete") == picked(periods["month", month], "net_amount", "is_complete")


def test_the_first_order_of_each_customer(questions_a_shop):
    rows = questions_a_shop.by("measures.customer_first_orders", "customer_id")
    assert {who: row["order_id"] for who, row in rows.items()} == {
        **{"ann": "A1", "bob": "B1", "cat": "C1", "dan": "D1"},
        **{"eve": "E1", "fay": "F1", "gus": "G1"},
    }
