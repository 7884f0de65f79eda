"""What changed in the paper shop, summed by hand. The shop: tests/shops/paper.py."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest

from patron.errors import SettingsError
from patron.serve.report.queries.chance import shares_differ


def numbers(change):
    return [figure.value for figure in change.figures]


@pytest.fixture(scope="module")
def april(explain):
    return explain("2024-04")


@pytest.fixture(scope="module")
def may(explain):
    return explain("2024-05")


class TestApril:
    """30 customers at 40 orders and 468, and a guest at 6, after 20 at 20 orders and 200, and two guests at 10."""

    def test_revenue(self, april):
        assert april["revenue"].sentence == (
            "Revenue in April 2024 was £474, £264 (126%) more than in March 2024 (£210)."
        )
        assert (april["revenue"].direction, numbers(april["revenue"])) == ("up", [474, 264, 264 / 210, 210])

    def test_drivers_are_the_factors_by_their_logarithms(self, april):
        mean = (468 - 200) / math.log(468 / 200)
        by_hand = [mean * math.log(30 / 20), mean * math.log((40 / 30) / 1), mean * math.log(11.7 / 10), 6 - 10]
        found = [part.amount.value for part in april["drivers"].parts]
        assert [float(one) for one in found] == pytest.approx(by_hand, abs=1e-4)
        assert sum(found) == Decimal(264)

    def test_drivers_are_described_with_their_factors(self, april):
        assert april["drivers"].sentence == (
            "Revenue rose by £264: £128 from more customers (30, previously 20), £91 from more orders per customer (1.33, "
            "previously 1.00) and £49 from higher revenue per order (£11.70, previously £10.00)."
        )

    def test_new_and_returning(self, april):
        parts = {part.name: part.amount.value for part in april["kinds"].parts}
        assert parts == {"Returning customers": 240, "New customers": 40, "Guest orders": -4}
        assert "returning customers up £240 and new customers up £40" in april["kinds"].sentence

    def test_channels_with_text_as_it_came(self, april):
        parts = {part.name: part.amount.value for part in april["channels"].parts}
        assert parts == {"<script>alert(1)</script>": 240, "Till": 36}

    def test_customers(self, april):
        assert april["customers"].sentence == (
            "30 customers ordered, 10 (50%) more than in March 2024 (20); 20 of them new (previously 20)."
        )

    def test_refunds(self, april):
        assert april["refunds"].sentence == ("Refunds were £12, 2.5% of gross sales (previously 0.0% in March 2024).")

    def test_unknown_changes_are_left_out(self, april):
        """Who came back in March is not known, nobody could have lapsed yet, and no order is a large one."""
        assert april.keys().isdisjoint({"retention", "churn", "large order", "year before"})


class TestMay:
    """15 orders: too few for percentages and for reasons."""

    def test_few_orders_are_described_without_percentages_and_reasons(self, may):
        assert may["revenue"].sentence == "Revenue in May 2024 was £180, £294 less than in April 2024 (£474)."
        assert "drivers" not in may

    def test_few_customers_are_described_without_percentages(self, may):
        assert may["customers"].sentence == (
            "15 customers ordered, 15 fewer than in April 2024 (30); none of them new (previously 20)."
        )

    def test_who_came_back(self, may):
        assert may["retention"].sentence == (
            "Of the 30 customers in April 2024, 15 (50%) ordered again, no significant change from 50% the month before."
        )

    def test_who_lapsed(self, may):
        assert may["churn"].sentence == (
            "Of the 30 customers who were active at the start of May 2024, 15 (50%) lapsed during it (no order for more "
            "than 30 days), no significant change from 50% the month before. Of all customers who lapsed so far, none have "
            "ordered again."
        )


def test_a_period_that_is_not_over_is_compared_on_as_many_days(explain):
    june = explain("2024-06")
    assert june["revenue"].sentence == (
        "Revenue in the first 10 days of June 2024 was £120, about the same as in the first 10 days of May 2024 (£120)."
    )
    assert june["revenue"].direction == "level"
    assert june["customers"].sentence.startswith("10 customers ordered, about as many as in the first 10 days of May")
    assert june.keys().isdisjoint({"drivers", "retention", "churn"})


def test_the_first_month_is_compared_with_nothing(explain):
    assert explain("2024-03") == {}


@pytest.mark.parametrize("period", ["2024-02", "2024-07", "2023", "2024-W08"])
def test_a_period_without_data_names_the_days_that_there_are(explain, period):
    with pytest.raises(SettingsError, match="2024-03-01 to 2024-06-10"):
        explain(period)


def test_every_query_gives_the_numbers_of_its_sentence(explain, paper_gold):
    for period in ("2024-04", "2024-05", "2024-06"):
        for change in explain(period).values():
            cursor = paper_gold.execute(change.sql)
            columns, rows = [column[0] for column in cursor.description], cursor.fetchall()
            for figure in (*change.figures, *(part.amount for part in change.parts)):
                assert rows[figure.row][columns.index(figure.column)] == figure.value
            for figure in change.figures:
                assert figure.text in change.sentence


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        ((56, 70), (48, 80), True),
        ((9, 10), (3, 10), True),
        ((10, 10), (0, 20), True),
        ((5, 56), (0, 29), False),
        ((60, 100), (46, 100), False),
    ],
)
def test_shares_that_differ_by_newcombes_examples(one, other, differ):
    """Newcombe 1998, table II: the intervals of method 10 are 0.0524 to 0.3339, 0.1705 to 0.8090, 0.6791 to 1 and
    -0.0381 to 0.1926. The last interval of 95% is 0.002 to 0.271, but of two comparisons each has half of the 5%."""
    assert shares_differ(*one, *other) is differ
    assert shares_differ(*other, *one) is differ
