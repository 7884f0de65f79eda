"""Support and what became of the customers, by hand: tests/shops/contacts.py; intervals by published examples."""

from __future__ import annotations

import pytest

from shops.building import picked
from transform.compiled_sql import shipped_macros


@pytest.fixture(scope="module")
def macros():
    """The shipped macros as functions that give DuckDB's SQL."""
    return shipped_macros()


@pytest.fixture(scope="module")
def impact(contacts_shop):
    return contacts_shop.by("gold.support_impact", "comparison", "group_name", "outcome")


def test_interactions_are_classified(contacts_shop):
    rows = contacts_shop.by("silver.service_interactions", "interaction_id")
    found = {key: picked(row, "issue_category", "is_resolved", "is_escalated") for key, row in rows.items()}
    assert found == {
        "1": ("Technical", True, False),
        "2": ("Billing", False, True),
        "3": ("Delivery", True, False),  # closed counts as resolved
        "4": ("Complaint", False, False),
        "5": ("Inquiry", False, True),
        "6": ("Other", True, False),
        "7": (None, False, False),
        "8": ("Complaint", False, True),
        "9": ("Complaint", True, False),
    }


def test_support_history_of_customers(contacts_shop):
    customers = contacts_shop.by("gold.customer_360", "customer_id")
    columns = ("interaction_count", "resolved_interaction_count", "escalated_interaction_count")
    assert picked(customers["s1"], *columns, "resolution_rate", "days_since_last_contact") == (1, 1, 0, 1.0, 89)
    assert picked(customers["s2"], *columns, "resolution_rate", "days_since_last_contact") == (2, 1, 1, 0.5, 44)
    assert picked(customers["s4"], *columns) == (3, 1, 1)
    assert picked(customers["s5"], *columns, "resolution_rate") == (0, 0, 0, None)  # the contact comes after as_of


def test_later_purchase_is_counted_from_the_same_day_for_all(impact):
    # time zero is 03-01: m4, m5, m9 and m10 bought after it; of those with a contact nobody did
    row = impact["contact", "any contact", "later_purchase"]
    assert picked(row, "group_size", "customer_count", "outcome_count", "outcome_rate") == (4, 4, 0, 0)
    nobody = impact["contact", "no contact", "later_purchase"]
    assert picked(nobody, "customer_count", "outcome_count", "matched_count", "reading") == (9, 4, None, None)
    # s3 and s4 (one order 90 days before) have s6 beside them; s1 and s2 had two, four weeks before, as a had one
    assert picked(row, "matched_count", "unmatched_count", "compared_rate", "difference") == (2, 2, 0, 0)
    assert picked(row, "reading", "p_value") == ("too few to compare", None)


def test_groups_and_what_they_are_compared_with(impact):
    groups = {(comparison, group): row["group_size"] for (comparison, group, _), row in impact.items()}
    assert groups == {
        ("contact", "any contact"): 4,
        ("contact", "no contact"): 9,
        ("contacts", "1 contact"): 3,  # s4's second and third come after time zero
        ("contacts", "2 contacts"): 1,
        ("resolution", "all resolved"): 1,
        ("resolution", "some not resolved"): 3,
        ("escalation", "never escalated"): 2,
        ("escalation", "escalated"): 2,
    }
    assert impact["escalation", "escalated", "retention"]["compared_with"] == "never escalated"
    assert impact["escalation", "never escalated", "retention"]["compared_with"] is None


def test_retention_by_escalation(impact):
    # silent at 2025-03-31: s1 59 days, s3 120; s2 58, s4 120; the window is 90, and s3 and s4 were silent for 90 at time zero
    calm, upset = (impact["escalation", name, "retention"] for name in ("never escalated", "escalated"))
    assert picked(calm, "outcome_count", "customer_count") == (1, 2)
    assert picked(upset, "outcome_count", "customer_count", "matched_count", "difference") == (1, 2, 2, 0.0)
    assert picked(upset, "resolution_rate", "escalation_rate") == (1 / 3, 2 / 3)  # of 3 tickets by time zero


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_intervals_are_the_published_ones(count, total, low, high, macros, duckdb_value):
    # Newcombe 1998, Two-sided confidence intervals for the single proportion, table I, method 3
    for end, expected in (("low", low), ("high", high)):
        assert duckdb_value(macros["wilson"](str(count), str(total), end)) == pytest.approx(expected, abs=5e-5)


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [((56, 70), (48, 80), 0.0524, 0.3339), ((9, 10), (3, 10), 0.1705, 0.8090), ((10, 10), (0, 10), 0.6075, 1.0)],
)
def test_intervals_of_differences_are_the_published_ones(first, second, low, high, macros, duckdb_value):
    # Newcombe 1998, Interval estimation for the difference between independent proportions, table II, method 10
    ends = []
    for count, total in (first, second):
        ends += [f"cast({count} as double) / {total}"]
        ends += [macros["wilson"](str(count), str(total), end) for end in ("low", "high")]
    for end, expected in (("low", low), ("high", high)):
        arguments = [f"({one})" for one in ends]
        assert duckdb_value(macros["newcombe"](*arguments, end)) == pytest.approx(expected, abs=5e-5)
