"""Whole sentences of rising and falling months, written by hand for numbers that are given, not queried."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from patron.project.number_format import Formats
from patron.serve.periods import Period
from patron.serve.report.queries.chance import shares_differ
from patron.serve.report.queries.change import find_direction
from patron.serve.report.queries.change_of_customers import describe_churn, describe_customers, describe_retention
from patron.serve.report.queries.change_of_groups import GroupedSales, describe_groups
from patron.serve.report.queries.change_of_revenue import (
    describe_drivers,
    describe_large_orders,
    describe_refunds,
    describe_revenue,
)
from patron.serve.report.queries.contributions import CHANNELS, COHORTS, KINDS, query_contributions
from patron.serve.report.queries.figures import QueryResult
from patron.serve.report.queries.spans import Comparison, DataDays

BRITISH = Formats("en_GB", "GBP")
DATA = DataDays(dt.date(2024, 1, 1), dt.date(2024, 12, 31))
MAY = Comparison.of(Period.parse("2024-05"), DATA)


def given(*rows: dict[str, Any]) -> QueryResult:
    return QueryResult("select", tuple(rows[0]), tuple(tuple(row.values()) for row in rows))


def totals(**changed: Any) -> QueryResult:
    """May after April: 100 orders after 100 by default."""
    amounts = {"net_amount": Decimal(1200), "net_amount_before": Decimal(1000)}
    row = {**amounts, "order_count": 100, "order_count_before": 100, **changed}
    row["net_amount_more"] = abs(row["net_amount"] - row["net_amount_before"])
    row["net_amount_more_rate"] = float(row["net_amount_more"] / row["net_amount_before"])
    return given(row)


def effects(customers: int, frequency: int, order_value: int, guests: int) -> QueryResult:
    """The parts of a change; the factors are the same in every month, so that only the parts choose the words."""
    return given(
        {
            "change": Decimal(customers + frequency + order_value + guests),
            "customers_effect": Decimal(customers),
            "frequency_effect": Decimal(frequency),
            "order_value_effect": Decimal(order_value),
            "guests_effect": Decimal(guests),
            **{"customer_count": 60, "customer_count_before": 50},
            **{"orders_per_customer": 1.5, "orders_per_customer_before": 2.0},
            **{"amount_per_order": Decimal(12), "amount_per_order_before": Decimal(10)},
        }
    )


def test_a_rising_and_a_falling_month():
    assert describe_revenue(totals(), MAY, BRITISH).sentence == (
        "Revenue in May 2024 was £1,200, £200 (20%) more than in April 2024 (£1,000)."
    )
    fell = describe_revenue(totals(net_amount=Decimal(900)), MAY, BRITISH)
    assert fell.sentence == "Revenue in May 2024 was £900, £100 (10%) less than in April 2024 (£1,000)."
    assert fell.direction == "down"


def test_causes_of_a_rising_month():
    rose = describe_drivers(totals(), effects(150, -40, 70, 20), BRITISH)
    assert rose.sentence == (
        "Revenue rose by £200: £150 from more customers (60, previously 50), £70 from higher revenue per order (£12.00, "
        "previously £10.00) and £20 from more guest sales. Partly offset by £40 from fewer orders per customer (1.50, "
        "previously 2.00)."
    )
    assert rose.direction == "up"


def test_causes_of_a_falling_month():
    fell = describe_drivers(totals(net_amount=Decimal(900)), effects(-70, 50, -60, -20), BRITISH)
    assert fell.sentence == (
        "Revenue fell by £100: £70 from fewer customers (60, previously 50), £60 from lower revenue per order (£12.00, "
        "previously £10.00) and £20 from fewer guest sales. Partly offset by £50 from more orders per customer (1.50, "
        "previously 2.00)."
    )
    assert fell.direction == "down"


def test_a_part_of_exactly_a_twentieth_is_a_cause():
    fell = describe_drivers(totals(net_amount=Decimal(900)), effects(-91, 0, -5, -4), BRITISH)
    assert fell.sentence == (
        "Revenue fell by £100: £91 from fewer customers (60, previously 50) and £5 from lower revenue per order (£12.00, "
        "previously £10.00)."
    )


@pytest.mark.parametrize(
    ("now", "before", "direction"),
    [(102, 100, "up"), (98, 100, "down"), (101.99, 100, "level"), (98.01, 100, "level"), (0, 0, "level")],
)
def test_a_fiftieth_of_the_earlier_value_is_a_change(now, before, direction):
    assert find_direction(now, before) == direction


@pytest.mark.parametrize(("orders", "text"), [(19, "£200 more than"), (20, "£200 (20%) more than")])
def test_twenty_orders_are_enough_for_percentages_and_causes(orders, text):
    few = totals(order_count_before=orders)
    assert text in describe_revenue(few, MAY, BRITISH).sentence
    assert (describe_drivers(few, effects(200, 0, 0, 0), BRITISH) is None) == (orders < 20)


def customers(now: int, before: int, new: int = 0, new_before: int = 0) -> str:
    row = {"customer_count": now, "customer_count_before": before, "customer_count_more": abs(now - before)}
    row |= {"customer_count_more_rate": abs(now - before) / before}
    result = given({**row, "new_customer_count": new, "new_customer_count_before": new_before})
    return describe_customers(result, MAY, BRITISH).sentence


def test_customers_who_ordered():
    assert customers(30, 20, 4, 5) == (
        "30 customers ordered, 10 (50%) more than in April 2024 (20); 4 of them new (previously 5)."
    )
    assert customers(20, 40, 0, 5) == (
        "20 customers ordered, 20 (50%) fewer than in April 2024 (40); none of them new (previously 5)."
    )
    assert customers(19, 40) == "19 customers ordered, 21 fewer than in April 2024 (40)."
    assert customers(1, 5) == "1 customer ordered, 4 fewer than in April 2024 (5)."


def refunds(rate: float, before: float) -> Any:
    amounts = {"refund_amount": Decimal(-30), "refund_rate": rate, "refund_rate_before": before}
    return describe_refunds(given({**amounts, "order_count": 20, "order_count_before": 20}), MAY, BRITISH)


def test_refunds_that_rose_and_fell():
    more, less = refunds(0.05, 0.02), refunds(0.02, 0.05)
    assert more.sentence == "Refunds were £30, 5.0% of gross sales (previously 2.0% in April 2024)."
    assert (more.direction, less.direction) == ("up", "down")
    assert less.sentence == "Refunds were £30, 2.0% of gross sales (previously 5.0% in April 2024)."


def test_refunds_are_told_from_a_percentage_point_on():
    assert refunds(0.01, 0.0) is not None
    assert refunds(0.0099, 0.0) is None


def shares(now: tuple[int, int], before: tuple[int, int]) -> dict[str, str]:
    """The sentences of retention and churn, where so many of so many were kept, and lost, in both months."""
    with duckdb.connect() as gold:
        gold.execute("create schema gold")
        gold.execute("""
            create table gold.period_metrics (period_kind text, period_start_date date, previous_customer_count int,
                retained_customer_count int, retention_rate double);
            create table gold.churn_by_period (period_kind text, period_start_date date, window_customer_count int,
                window_lost_customer_count int, window_churn_rate double, window_returned_customer_count double);
            create table gold.dim_churn_group (churn_group text, min_days int, max_days int);
            insert into gold.dim_churn_group values ('High', 61, 90), ('Churned', 91, null);
        """)
        for first, (count, of) in ((dt.date(2024, 5, 1), now), (dt.date(2024, 4, 1), before)):
            row = [first, of, count, count / of]
            gold.execute("insert into gold.period_metrics values ('month', ?, ?, ?, ?)", row)
            gold.execute("insert into gold.churn_by_period values ('month', ?, ?, ?, ?, ?)", [*row, count / 4])
        kept = describe_retention(gold, MAY, BRITISH, DATA)
        gone = describe_churn(gold, MAY, BRITISH)
    return {"kept": kept.sentence, "gone": gone.sentence, "way": kept.direction, "way_gone": gone.direction}


BACK = "Of all customers who lapsed so far, 25% have ordered again."


def test_shares_that_rose():
    told = shares((60, 100), (30, 100))
    assert told["kept"] == "Of the 100 customers in April 2024, 60 (60%) ordered again, up from 30% the month before."
    assert told["gone"] == (
        "Of the 100 customers who were active at the start of May 2024, 60 (60%) lapsed during it (no order for more than "
        f"90 days), up from 30% the month before. {BACK}"
    )
    assert (told["way"], told["way_gone"]) == ("up", "up")


def test_shares_that_fell():
    told = shares((30, 100), (60, 100))
    assert told["kept"] == "Of the 100 customers in April 2024, 30 (30%) ordered again, down from 60% the month before."
    assert told["gone"] == (
        "Of the 100 customers who were active at the start of May 2024, 30 (30%) lapsed during it (no order for more than "
        f"90 days), down from 60% the month before. {BACK}"
    )
    assert (told["way"], told["way_gone"]) == ("down", "down")


def test_shares_that_differ_by_chance():
    told = shares((50, 100), (45, 100))
    assert told["kept"].endswith("50 (50%) ordered again, no significant change from 45% the month before.")
    assert told["way"] == "level"


def test_shares_of_few_people_are_not_compared():
    assert shares((12, 20), (12, 20))["kept"].endswith(
        "12 (60%) ordered again, no significant change from 60% the month before."
    )
    assert shares((12, 19), (12, 20))["kept"] == "Of the 19 customers in April 2024, 12 ordered again."


def test_a_difference_that_one_comparison_would_call_clear_is_not():
    """60 and 46 of 100: clear at 95% for one comparison (Newcombe 1998), not among the two of a report."""
    assert not shares_differ(60, 100, 46, 100)


def grouped(breakdown: Any, *rows: tuple[Any, int, int, int]) -> GroupedSales:
    """rows: group, sales, sales before, orders."""
    listed = [
        {
            "grouping": group,
            "difference": Decimal(sales - before),
            "more": Decimal(abs(sales - before)),
            "order_count": orders,
            "order_count_before": 1,
            "all_before": Decimal(sum(row[2] for row in rows)),
            "all_now": Decimal(sum(row[1] for row in rows)),
        }
        for group, sales, before, orders in rows
    ]
    return GroupedSales(breakdown, given(*listed), DATA.last)


def tell(breakdown: Any, *rows: tuple[Any, int, int, int]) -> str | None:
    found = describe_groups([grouped(breakdown, *rows)], MAY, BRITISH)
    return found[0].sentence if found else None


def test_groups_that_rose_and_fell():
    told = tell(CHANNELS, ("web", 700, 500, 50), ("till", 400, 500, 50))
    assert told == "Sales before refunds by channel: web up £200 and till down £100."


def test_a_group_is_told_from_a_fiftieth_and_twenty_orders_on():
    assert (
        tell(CHANNELS, ("web", 520, 500, 20), ("till", 500, 500, 50)) == "Sales before refunds by channel: web up £20."
    )
    assert tell(CHANNELS, ("web", 519, 500, 20), ("till", 500, 500, 50)) is None
    assert tell(CHANNELS, ("web", 520, 500, 19), ("till", 500, 500, 50)) is None


def test_at_most_three_groups_are_told_those_that_changed_most():
    rows = [(name, 100 + change, 100, 50) for name, change in zip("abcde", (10, -50, 40, 30, 20), strict=True)]
    assert tell(CHANNELS, *rows) == "Sales before refunds by channel: b down £50, c up £40 and d up £30."


def test_a_cohort_that_was_still_growing_is_not_told():
    rows = [(dt.date(2024, 4, 1), 500, 100, 50), (dt.date(2024, 1, 1), 700, 900, 50)]
    assert tell(COHORTS, *rows) == "Sales before refunds by cohort: customers acquired in Q1 2024 down £200."


def orders_of(*rows: tuple[str, str | None, int]) -> duckdb.DuckDBPyConnection:
    """Orders of a day, a customer (who first ordered on the day of the first row) and an amount, one row each."""
    gold = duckdb.connect()
    gold.execute("create schema gold")
    gold.execute("""
        create table gold.fct_orders (order_id text, order_date date, customer_id text, order_amount decimal(38, 4),
            channel text);
        create table gold.customer_360 (customer_id text, first_order_date date);
    """)
    for number, (day, who, amount) in enumerate(rows):
        gold.execute("insert into gold.fct_orders values (?, ?, ?, ?, null)", [number, day, who, amount])
    gold.execute(
        "insert into gold.customer_360 select customer_id, min(order_date) from gold.fct_orders "
        "where customer_id is not null group by customer_id"
    )
    return gold


def test_an_order_of_exactly_a_twentieth_of_sales_is_large():
    usual = [(f"2024-05-{day:02}", "ann", 50) for day in range(1, 20)]
    april = [(f"2024-04-{day:02}", "ann", 10) for day in range(1, 26)]
    with orders_of(*usual, ("2024-05-31", "bob", 50), *april) as gold:
        told = describe_large_orders(gold, MAY, BRITISH)
    assert told is not None
    with orders_of(*usual, *usual, ("2024-05-31", "bob", 100), *april) as gold:
        told = describe_large_orders(gold, MAY, BRITISH)
    assert told.sentence == ("A single order of £100 on 31 May 2024 made up 5% of sales before refunds in May 2024.")


def test_a_large_order_of_the_earlier_month_is_told_of_it():
    may = [(f"2024-05-{day:02}", "ann", 10) for day in range(1, 26)]
    april = [(f"2024-04-{day:02}", "ann", 10) for day in range(1, 26)]
    with orders_of(*may, *april, ("2024-04-30", "bob", 250)) as gold:
        told = describe_large_orders(gold, MAY, BRITISH)
    assert told.sentence == ("A single order of £250 on 30 Apr 2024 made up 50% of sales before refunds in April 2024.")


def test_who_first_ordered_on_the_first_day_of_the_period_is_new():
    rows = [("2024-04-30", "ann", 10), ("2024-05-02", "ann", 20), ("2024-05-01", "bob", 30), ("2024-05-31", None, 5)]
    with orders_of(*rows) as gold:
        found = query_contributions(gold, MAY, KINDS)
    sales = {found.value("grouping", row): found.value("sales", row) for row in range(len(found.rows))}
    assert sales == {"new customers": 30, "returning customers": 20, None: 5}


def test_an_unfinished_month_is_compared_with_as_many_days_of_the_one_before():
    found = Comparison.of(Period.parse("2024-05"), DataDays(dt.date(2024, 4, 1), dt.date(2024, 5, 10)))
    assert found.before is not None
    assert (found.before.first, found.before.last) == (dt.date(2024, 4, 1), dt.date(2024, 4, 10))
    assert found.before.label(BRITISH) == "the first 10 days of April 2024"


def test_a_month_is_complete_at_the_end_of_its_last_day_and_compared_from_its_first():
    whole = Comparison.of(Period.parse("2024-05"), DataDays(dt.date(2024, 4, 1), dt.date(2024, 5, 31)))
    assert whole.is_complete
    assert whole.before is not None
    assert whole.before.is_whole
    begun = Comparison.of(Period.parse("2024-05"), DataDays(dt.date(2024, 4, 2), dt.date(2024, 5, 31)))
    assert begun.before is None
