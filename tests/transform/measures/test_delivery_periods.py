"""Churn, purchase frequency and repeat purchase by hand: tests/shops/delivery.py.

Days with a purchase: c1 01-01, 01-03, 01-10; c2 01-02, 02-20; c3 01-09, 03-25; c4 03-30. Measured at Sunday 03-31 with
a window of 30 days, so that c1 is gone on 02-10, c2 on 02-02 (back on 02-20) and on 03-22, c3 on 02-09 (back 03-25).
"""

from __future__ import annotations

import datetime as dt

import pytest

from shops.building import picked

ACTIVE = ("previous_customer_count", "lost_customer_count", "churn_rate")
WINDOW = ("window_customer_count", "window_lost_customer_count", "window_churn_rate")


@pytest.fixture(scope="module")
def churn(delivery_shop):
    rows = delivery_shop.by("gold.churn_by_period", "period_kind", "period_start_date")
    return {(kind, f"{start:%m-%d}"): row for (kind, start), row in rows.items()}


def test_lost_from_month_to_month(churn):
    assert picked(churn["month", "01-01"], *ACTIVE) == (0, 0, None)
    assert picked(churn["month", "02-01"], *ACTIVE) == (3, 2, pytest.approx(2 / 3))  # of c1, c2, c3 only c2 came
    assert picked(churn["month", "03-01"], *ACTIVE) == (1, 1, 1.0)  # c2 did not come again


def test_lost_from_week_to_week(churn):
    assert picked(churn["week", "01-08"], *ACTIVE) == (2, 1, 0.5)  # c2
    assert picked(churn["week", "01-15"], *ACTIVE) == (2, 2, 1.0)  # c1, c3
    assert picked(churn["week", "01-22"], *ACTIVE) == (0, 0, None)
    assert picked(churn["week", "03-25"], *ACTIVE) == (0, 0, None)


def test_lost_from_day_to_day(churn):
    assert picked(churn["day", "01-02"], *ACTIVE) == (1, 1, 1.0)
    assert picked(churn["day", "01-10"], *ACTIVE) == (1, 1, 1.0)  # c3 of 01-09; a calendar day alone says little
    assert picked(churn["day", "01-05"], *ACTIVE) == (0, 0, None)


def test_lost_by_the_window(churn):
    assert picked(churn["month", "02-01"], *WINDOW) == (3, 2, pytest.approx(2 / 3))  # c2 was gone, and is back
    assert picked(churn["month", "03-01"], *WINDOW) == (1, 1, 1.0)  # c2; c3 had gone before
    # nobody can be gone before 02-01, 31 days after the first day of the data: not in all of that week
    assert picked(churn["week", "01-29"], *WINDOW) == (None, None, None)
    assert churn["week", "01-29"]["window_churn_rate_reason"] == "history not longer than the churn window"
    assert picked(churn["week", "02-05"], *WINDOW) == (2, 2, 1.0)  # c1, c3
    assert churn["week", "02-05"]["window_returned_customer_count"] == 1  # c3
    assert picked(churn["day", "02-01"], *WINDOW) == (3, 0, 0.0)
    assert picked(churn["day", "02-02"], *WINDOW) == (3, 1, pytest.approx(1 / 3))


def test_periods_end_with_as_of(churn):
    assert max(day for kind, day in churn if kind == "day") == "03-31"
    assert all(row["is_complete"] for row in churn.values())  # a Sunday, and the last of its month
    assert len([1 for kind, _ in churn if kind == "day"]) == 91  # every day, also without orders


def test_orders_a_week(delivery_shop):
    weeks = delivery_shop.by("gold.purchase_frequency_weekly", "week_start_date")
    columns = ("customer_count", "order_count", "orders_per_customer")
    counts = ("one_order_customer_count", "two_order_customer_count", "most_order_count")
    assert picked(weeks[dt.date(2024, 1, 1)], *columns, *counts) == (2, 3, 1.5, 1, 1, 2)  # c1 twice, c2 once
    assert picked(weeks[dt.date(2024, 1, 15)], *columns, *counts) == (0, 0, None, 0, 0, 0)
    assert picked(weeks[dt.date(2024, 3, 25)], *columns, *counts) == (2, 2, 1.0, 2, 0, 1)  # the guest is no customer
    assert len(weeks) == 13


def test_coming_back_has_two_meanings(delivery_shop):
    rows = delivery_shop.by("gold.repeat_purchase_rate", "period_kind", "period_start_date")
    columns = ("customer_count", "repeat_customer_count", "repeat_purchase_rate", "returning_customer_count")
    assert picked(rows["month", dt.date(2024, 1, 1)], *columns) == (3, 1, pytest.approx(1 / 3), 0)  # c1, thrice
    assert picked(rows["month", dt.date(2024, 3, 1)], *columns) == (2, 0, 0.0, 1)  # c3 had bought in January
    assert picked(rows["week", dt.date(2024, 1, 8)], *columns) == (2, 0, 0.0, 1)  # c1
    assert rows["week", dt.date(2024, 1, 15)]["returning_customer_rate"] is None
