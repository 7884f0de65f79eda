"""Gaps between orders, key figures and cohorts exactly on an edge, from a few days by hand."""

from __future__ import annotations

import pytest

from transform.lone_models import Row, bounds, build, build_all, day, line, numbered

AS_OF = "2024-06-30"


def gaps_of(*days: str, as_of: str = AS_OF) -> Row:
    """The gaps of a customer with an order on each of these days."""
    lines = [line(f"{number}", on, "ann") for number, on in enumerate(days)]
    names = "order_measures fully_refunded_orders customer_days customer_totals customer_measures customer_gaps".split()
    tables = {"silver.order_lines": numbered(*lines), "measures.as_of": bounds(as_of)}
    (found,) = build_all([*(f"measures.{name}" for name in names), "customer_order_gaps"], tables)[
        "customer_order_gaps"
    ]
    return found


@pytest.mark.parametrize(
    ("days", "median", "longest", "average"),
    [
        (("2024-05-01", "2024-05-11"), 10, 10, 10),
        (("2024-05-01", "2024-05-03", "2024-05-07"), 3, 4, 3),
        (("2024-05-01", "2024-05-03", "2024-05-07", "2024-05-17"), 4, 10, 16 / 3),
        (("2024-05-01", "2024-05-01"), 0, 0, 0),
        (("2024-05-01", "2024-05-01", "2024-05-07"), 3, 6, 3),
    ],
)
def test_the_median_gap_is_the_middle_one_or_between_the_two(days, median, longest, average):
    found = gaps_of(*days)
    assert (found["median_gap_days"], found["longest_gap_days"], found["average_gap_days"]) == (
        median,
        longest,
        average,
    )


@pytest.mark.parametrize(
    ("as_of", "reading"),
    [
        ("2024-05-20", "as usual"),
        ("2024-05-21", "as usual"),
        ("2024-05-22", "longer than usual"),
        ("2024-05-27", "longer than usual"),
        ("2024-05-28", "longer than any previous gap"),
    ],
)
def test_a_silence_as_long_as_a_gap_is_not_longer(as_of, reading):
    """Gaps of 2, 4 and 10 days; the last order on 17 May."""
    days = ("2024-05-01", "2024-05-03", "2024-05-07", "2024-05-17")
    assert gaps_of(*days, as_of=as_of)["silence_reading"] == reading


def test_one_order_has_no_gap():
    found = gaps_of("2024-05-01")
    assert (found["gap_count"], found["median_gap_days"], found["silence_reading"]) == (0, None, "one order")


def shop_of(*lines: Row, as_of: str) -> list[Row]:
    names = "calendar order_measures fully_refunded_orders customer_days day_lines day_measures".split()
    tables = {"silver.order_lines": numbered(*lines), "measures.as_of": bounds(as_of, "2024-01-01")}
    return build_all([*(f"measures.{name}" for name in names), "kpi_overall"], tables)["kpi_overall"]


def test_churn_is_known_from_the_day_after_the_window():
    """31 March is day 90 of the data, and 1 April the first on which anybody can have churned."""
    found = {row["kpi_date"]: row for row in shop_of(line("1", "2024-01-01", "ann"), as_of="2024-04-02")}
    known = {day: found[day]["churn_rate"] for day in sorted(found)[-3:]}
    assert known == {day("2024-03-31"): None, day("2024-04-01"): 1, day("2024-04-02"): 1}
    assert found[day("2024-03-31")]["churn_rate_reason"] == "history not longer than the churn window"
    assert found[day("2024-04-01")]["churned_customer_count"] == 1


def test_who_ordered_exactly_the_window_ago_has_not_churned():
    lines = [line("1", "2024-01-01", "ann"), line("2", "2024-01-02", "bob"), line("3", "2024-01-03", None)]
    last = shop_of(*lines, as_of="2024-04-01")[-1]
    assert (last["customer_count"], last["churned_customer_count"], last["churn_rate"]) == (2, 1, 0.5)
    assert (last["order_count"], last["guest_order_count"], last["net_amount"]) == (3, 1, 30)
    assert (last["total_historical_clv"], last["average_historical_clv"], last["average_order_value"]) == (20, 10, 10)


def cohorts_of(*days: tuple[str, str]) -> dict[tuple[str, int], Row]:
    """Cohorts of customers and the days on which they bought; June is not over."""
    lines = [line(f"{number}", on, who) for number, (who, on) in enumerate(days)]
    names = "order_measures fully_refunded_orders customer_days".split()
    months = [
        {"period_kind": "month", "period_start_date": day(f"2024-0{number}-01"), "incomplete_reason": reason}
        for number, reason in ((4, None), (5, None), (6, "not over yet"))
    ]
    wash_out = [{"new_since_date": day("2024-05-01")}]
    tables = {"silver.order_lines": numbered(*lines), "measures.as_of": bounds("2024-06-15")}
    tables |= {"measures.periods": months, "measures.wash_out": wash_out}
    found = build_all([*(f"measures.{name}" for name in names), "cohort_retention"], tables)["cohort_retention"]
    return {(row["cohort_month_date"].isoformat()[:7], row["months_since"]): row for row in found}


def test_a_month_begins_with_its_first_day_and_ends_with_its_last():
    bought = [("ann", "2024-04-01"), ("ann", "2024-04-30"), ("ann", "2024-05-31"), ("bob", "2024-04-30")]
    found = cohorts_of(*bought, ("bob", "2024-06-01"), ("cid", "2024-05-01"))
    counts = {
        key: (row["customer_count"], row["active_customer_count"], row["retention_rate"]) for key, row in found.items()
    }
    assert counts == {
        ("2024-04", 0): (2, 2, 1.0),
        ("2024-04", 1): (2, 1, 0.5),
        ("2024-04", 2): (2, 1, None),
        ("2024-05", 0): (1, 1, 1.0),
        ("2024-05", 1): (1, 0, None),
    }
    assert {key[0]: row["is_new"] for key, row in found.items()} == {"2024-04": False, "2024-05": True}
    assert found["2024-04", 1]["revenue_retention_rate"] == 10 / 30


def test_a_margin_is_of_products_whose_cost_is_known():
    """Two products of a department at 30 and 10 net; of one the cost is known, and nothing is ever returned."""
    sold = [
        {"product_id": name, "unit_count": 2, "returned_unit_count": 0, "sale_line_count": 2, "gross_amount": gross}
        | {"refund_amount": 0, "net_amount": gross, "line_cost_amount": cost}
        for name, gross, cost in (("p1", 30, 12), ("p2", 10, None))
    ]
    shelf = [
        {"product_id": name, "department": "d", "category": "c", "unit_cost": cost, "return_rate": rate}
        for name, cost, rate in (("p1", None, 1.0), ("p2", None, 1.5), ("p3", 7, 0.5))
    ]
    found = build("category_ranking", {"measures.product_prices": sold, "silver.products": shelf})
    (department,) = [row for row in found if row["level"] == "department"]
    assert (department["margin_amount"], department["margin_rate"], department["cost_known_rate"]) == (18, 0.6, 0.75)
    assert (department["return_rate"], department["return_rate_source"]) == (1.0, "stated")
