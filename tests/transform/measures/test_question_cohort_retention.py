"""Who came back, by hand: tests/shops/questions_a.py."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from shops.building import picked

JAN, FEB, MAR, APR = (date(2024, month, 1) for month in range(1, 5))
CELLS = {
    # Jan: ann 60 + 40, bob 50, eve 100 + 100, fay 3 x 100, gus 600 + 400; then ann's 100; then ann's 40, bob's -20
    (JAN, 0): (JAN, True, 5, 5, 1650, 1650),
    (JAN, 1): (FEB, True, 5, 1, 1650, 100),
    (JAN, 2): (MAR, True, 5, 1, 1650, 20),  # bob's refund is no purchase
    (JAN, 3): (APR, False, 5, 0, 1650, 0),
    # Feb: cat 80 + 18; her refund of January came before her cohort
    (FEB, 0): (FEB, True, 1, 1, 98, 98),
    (FEB, 1): (MAR, True, 1, 0, 98, 0),
    (FEB, 2): (APR, False, 1, 0, 98, 0),
    # Mar: dan's order lies over midnight, 5 before and 7 after
    (MAR, 0): (MAR, True, 1, 1, 5, 5),
    (MAR, 1): (APR, False, 1, 1, 5, 7),
}
"""Cohort, months since -> month observed, whether it is over, customers, active ones, net in month 0, net."""


def test_each_cell(questions_a_shop):
    columns = ("activity_month_date", "is_complete", "customer_count", "active_customer_count")
    rows = questions_a_shop.by("gold.cohort_retention", "cohort_month_date", "months_since")
    found = {key: picked(row, *columns, "first_month_net_amount", "net_amount") for key, row in rows.items()}
    assert found == CELLS  # and so no cell that the 10th of April has not reached, and no cohort of hal's


def test_rates(questions_a_shop):
    rows = questions_a_shop.by("gold.cohort_retention", "cohort_month_date", "months_since")
    assert picked(rows[JAN, 1], "retention_rate", "revenue_retention_rate") == (0.2, pytest.approx(100 / 1650))
    assert picked(rows[FEB, 1], "retention_rate", "revenue_retention_rate", "incomplete_reason") == (0, 0, None)
    # the 10th of April: what was bought until then is known, and the month's rate is not
    april = ("retention_rate", "revenue_retention_rate", "incomplete_reason")
    assert picked(rows[JAN, 3], *april) == picked(rows[MAR, 1], *april) == (None, None, "not over yet")


def test_money_stays_exact(questions_a_shop):
    rows = questions_a_shop.rows("gold.cohort_retention")
    assert all(isinstance(row[name], Decimal) for row in rows for name in ("net_amount", "first_month_net_amount"))


def test_pivoted_has_a_column_a_month_up_to_the_setting(questions_a_shop):
    rows = questions_a_shop.by("gold.cohort_retention_pivoted", "cohort_month_date", "measure")
    assert {key: picked(row, "month_00", "month_01", "month_02") for key, row in rows.items()} == {
        (JAN, "customers"): (1, 0.2, 0.2),
        (JAN, "revenue"): (1, pytest.approx(100 / 1650), pytest.approx(20 / 1650)),
        (FEB, "customers"): (1, 0, None),
        (FEB, "revenue"): (1, 0, None),
        (MAR, "customers"): (1, None, None),
        (MAR, "revenue"): (1, None, None),
    }
    months = {name for row in rows.values() for name in row if name.startswith("month_")}
    assert months == {"month_00", "month_01", "month_02"}
