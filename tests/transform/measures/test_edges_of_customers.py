"""Customers exactly on an edge, by hand: a year ago to the day, refunded to the penny, on the day of as_of."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from predict.churn.churn_shop import ChurnShop, sale
from transform.lone_models import Row, bounds, build, build_all, day, line, numbered

AS_OF = "2024-06-30"


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def customers_of(*lines: Row, as_of: str = AS_OF, first: str = "2024-01-01", **settings: Any) -> dict[str, Row]:
    """customer_measures, from lines."""
    names = "order_measures fully_refunded_orders customer_days customer_totals customer_measures".split()
    tables = {"silver.order_lines": numbered(*lines), "measures.as_of": bounds(as_of, first)}
    found = build_all([f"measures.{name}" for name in names], tables, **settings)
    return {row["customer_id"]: row for row in found["customer_measures"]}


def test_discounts_and_refunds_lower_what_a_customer_is_worth():
    (ann,) = customers_of(
        line("1", "2024-03-01", "ann", 50, discount=10),
        line("1", "2024-03-01", "ann", 40),
        line("1", "2024-03-01", "ann", -5, "discount"),
        line("2", "2024-04-01", "ann", 40),
        line("3", "2024-05-01", "ann", -15, "return"),
        line("4", "2024-05-01", "ann", 99, "charge"),
        line("5", "2024-07-01", "ann", 1000),  # after as_of
    ).values()
    amounts = ("gross_amount", "discount_amount", "refund_amount", "net_amount", "historical_clv")
    assert [ann[name] for name in amounts] == [140, -15, -15, 110, 110]
    assert (ann["order_count"], ann["average_order_value"]) == (2, 55)
    assert ann["average_line_value"] == Decimal("36.6667")
    assert ann["average_order_value_before_refunds"] == Decimal("62.5")
    # 110 over 121 days of 365, at a margin of 0.3
    assert ann["formula_clv_revenue"] == Decimal("36.4658")
    assert ann["formula_clv_profit"] == Decimal("10.9397")


def test_a_first_order_a_year_ago_to_the_day_has_a_run_rate():
    found = customers_of(line("1", "2023-07-01", "ann", 73), line("2", "2023-07-02", "bob", 73), first="2023-07-01")
    assert {who: (row["tenure_days"], row["run_rate_clv_1y"]) for who, row in found.items()} == {
        "ann": (365, 73),
        "bob": (364, None),
    }
    assert found["ann"]["run_rate_clv_3y"] == 219


def test_orders_refunded_in_full_are_no_purchases():
    (ann,) = customers_of(
        *(line("1", "2024-03-01", "ann", 20), line("1", "2024-03-09", "ann", -20, "return")),
        *(line("2", "2024-04-01", "ann", 20), line("2", "2024-04-09", "ann", -19.99, "return")),
        *(line("3", "2024-04-15", "ann", 30), line("3r", "2024-04-20", "ann", -30, "return")),
        *(line("4", "2024-05-01", "ann", 40), line("4", "2024-07-01", "ann", -40, "return")),
    ).values()
    assert (ann["purchase_day_count"], ann["kept_day_count"], ann["repeat_count"]) == (4, 2, 1)
    assert (ann["first_kept_date"], ann["last_kept_date"]) == (day("2024-04-01"), day("2024-05-01"))
    assert (ann["recency_weeks"], ann["age_weeks"]) == (30 / 7, 90 / 7)


def test_a_day_of_two_orders_is_a_purchase_until_both_are_refunded():
    lines = [line("1", "2024-03-01", "ann", 20), line("2", "2024-03-01", "ann", 30)]
    back = [line("1", "2024-03-02", "ann", -20, "return"), line("2", "2024-03-03", "ann", -30, "return")]
    assert customers_of(*lines, back[0])["ann"]["kept_day_count"] == 1
    assert customers_of(*lines, *back)["ann"]["kept_day_count"] == 0


def test_cells_of_purchases_and_spend():
    lines = [
        *(line("1", "2024-03-01", "ann", 90, discount=10), line("2", "2024-03-08", "ann", 30)),
        *(line("3", "2024-03-01", "bob", 10), line("3", "2024-03-02", "bob", -10, "return")),
    ]
    tables = {"measures.customer_measures": list(customers_of(*lines).values())}
    found = build_all(["purchase_cells", "spend_cells"], tables)
    assert found["purchase_cells"] == [{"repeat_count": 1, "recency_days": 7, "age_days": 121, "customer_count": 1}]
    (spent,) = found["spend_cells"]
    assert (spent["kept_day_count"], spent["customer_count"], spent["mean_units"]) == (2, 1, 600_000)


def test_a_visit_365_days_ago_is_not_of_the_last_year_and_one_364_days_ago_is():
    days = [
        {"customer_id": "ann", "activity_date": day(text), "order_count": 1}
        for text in ("2023-07-01", "2023-07-02", "2024-06-30")
    ]
    totals = [{"customer_id": "ann", "order_count": 3, "first_order_date": day("2023-07-01")}]
    tables = {"measures.customer_days": days, "measures.customer_totals": totals, "measures.as_of": bounds(AS_OF)}
    (found,) = build("customer_visits", tables)
    assert (found["visit_count"], found["last_year_visit_count"]) == (3, 2)
    assert found["visits_per_week"] == 3 * 7 / 365


def test_mapped_visits_of_the_last_year_end_with_as_of():
    visits = [
        {"customer_id": "ann", "visit_count": 1, "visited_at": at(f"{text} 12:00"), **dict.fromkeys(PERIOD, day(text))}
        for text in ("2023-07-01", "2023-07-02", "2024-06-30", "2024-07-01")
    ]
    (found,) = build("customer_visits", {"silver.visits": visits, "measures.as_of": bounds(AS_OF)}, also="visits")
    assert (found["visit_count"], found["last_year_visit_count"]) == (3, 2)
    assert found["first_visit_date"] == day("2023-07-01")


PERIOD = ("period_start_date", "period_end_date")


@pytest.mark.parametrize(
    ("first", "per_week"), [("2024-06-30", 2), ("2024-06-24", 2), ("2024-06-23", 2), ("2024-06-16", 1)]
)
def test_less_than_a_week_counts_as_one(first, per_week):
    days = [{"customer_id": "ann", "activity_date": day(first), "order_count": 2}]
    totals = [{"customer_id": "ann", "order_count": 2, "first_order_date": day(first)}]
    tables = {"measures.customer_days": days, "measures.customer_totals": totals, "measures.as_of": bounds(AS_OF)}
    assert build("customer_visits", tables)[0]["visits_per_week"] == per_week


def purchases_known(refunded: int) -> list[tuple[str, int]]:
    """Who is known at day 110, a past cutoff, with their purchase days: ann bought on days 10 and 100, and gave back the
    latter.
    """
    lines = [sale("1", 10, "ann"), sale("2", 100, "ann"), sale("2", refunded, "ann", amount=-10.0, kind="return")]
    with TemporaryDirectory() as folder:
        rows = ChurnShop(Path(folder), {"lines": [sale("0", 0, "zed"), *lines]}, 140).examples(110)
    return [(row["customer_id"], row["purchase_day_count"]) for row in rows]


def test_a_refund_is_known_from_its_own_day_on():
    assert purchases_known(refunded=110) == [("ann", 1), ("zed", 1)]
    assert purchases_known(refunded=111) == [("ann", 2), ("zed", 1)]
