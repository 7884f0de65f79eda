"""Which products go together, by hand (tests/shops/questions_b.py)."""

from __future__ import annotations

from math import exp, log

import pytest

from shops.building import picked

BASKETS = 40
"""30 orders of the till's customers, 2 of the fair's, and 8 of guests; the ninth holds six articles, one too many."""


CUSTOMERS = 17
"""Nine with a name, and each of the guests."""


def surprise(both: int, expected: float) -> float:
    """Twice the logarithm of how much likelier a count is by its own mean than by chance's: Poisson's probabilities."""
    return 2 * ((both * log(both) - both) - (both * log(expected) - expected))


@pytest.fixture(scope="module")
def pairs(grocer):
    return grocer.by("gold.product_affinity", "product_id", "partner_product_id")


def test_partners_of_bread(pairs):
    # bread is in 8 of the 40: four times with butter, three times with milk, once with rope, which is too rare
    butter = pairs["B", "U"]
    counts = ("partner_rank", "pair_count", "product_basket_count", "partner_basket_count", "basket_count")
    assert picked(butter, *counts) == (1, 4, 8, 4, BASKETS)
    assert picked(butter, "product_name", "partner_product_name") == ("Bread", "Butter")
    assert butter["support_rate"] == pytest.approx(4 / 40)
    assert butter["confidence_rate"] == pytest.approx(4 / 8)
    assert butter["expected_confidence_rate"] == pytest.approx(4 / 40)
    assert butter["lift"] == pytest.approx(5)
    # the sizes of baskets bring nobody together: 32 and 8 baskets of one and two articles
    assert butter["expected_pair_count"] == pytest.approx(8 * 4 / 40)
    # four guests, each a customer of its own
    assert picked(butter, "customer_count", "effective_customer_count") == (4, 4)
    assert butter["log_likelihood_ratio"] == pytest.approx(surprise(4, 0.8), abs=1e-5)
    assert picked(pairs["B", "M"], *counts[:4]) == (2, 3, 8, 3)
    assert pairs["B", "M"]["log_likelihood_ratio"] == pytest.approx(surprise(3, 0.6), abs=1e-5)


def test_a_pair_is_listed_from_both_sides(pairs):
    assert set(pairs) == {("B", "U"), ("U", "B"), ("B", "M"), ("M", "B")}
    assert pairs["U", "B"]["confidence_rate"] == 1  # butter is never bought without bread
    assert pairs["U", "B"]["lift"] == pairs["B", "U"]["lift"]


def test_what_was_looked_at_and_left_out(grocer):
    row = grocer.rows("gold.product_affinity_coverage")[0]
    assert picked(row, "seen_basket_count", "too_big_basket_count", "basket_count") == (41, 1, BASKETS)
    # 32 lines of filler, 8 and 4 of bread and butter, 3 of milk, 1 of rope, and 6 of the basket that is too big
    assert picked(row, "seen_line_count", "too_big_line_count") == (54, 6)
    # rope is in one basket; X, Y and Z only in the one that is too big
    assert picked(row, "seen_product_count", "too_rare_product_count", "too_rare_line_count") == (8, 4, 1)
    assert picked(row, "product_count", "possible_pair_count", "basket_pair_count") == (4, 6, 7)
    assert picked(row, "frequent_pair_count", "significant_pair_count", "habit_pair_count") == (2, 2, 0)
    assert row["customer_count"] == CUSTOMERS
    assert row["size_factor"] == pytest.approx(40 * (8 * 2) / (32 + 8 * 2) ** 2)
    assert row["least_log_likelihood_ratio"] == pytest.approx(2 * log(6 / 1))


def test_the_evidence_bounds_the_chance():
    """The chance that a count of mean E is O or more is at most exp(-G2 / 2): summed up from Poisson's own terms."""
    for expected, seen in [(0.6, 3), (0.8, 4), (5.0, 12), (30.0, 60)]:
        term = exp(-expected)
        below = 0.0
        for count in range(seen):
            below += term
            term *= expected / (count + 1)
        assert 1 - below <= exp(-surprise(seen, expected) / 2)


def test_the_answer_lists_the_partners_of_each_product(grocer, answer_to):
    answer = [
        picked(row, "product_id", "partner_rank", "partner_product_id") for row in answer_to(grocer, "product_affinity")
    ]
    assert answer == [("B", 1, "U"), ("B", 2, "M"), ("U", 1, "B"), ("M", 1, "B")]
