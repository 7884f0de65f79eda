"""What happened to customers beside their orders, by hand: tests/shops/contacts.py."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest

from shops.building import picked


@pytest.fixture(scope="module")
def events(contacts_shop):
    return contacts_shop.rows("gold.customer_events")


def test_contacts_of_known_customers_by_as_of(events):
    contacts = [row for row in events if row["event_kind"] == "contact"]
    assert Counter(picked(row, "customer_id", "outcome") for row in contacts) == {
        ("s1", "resolved"): 1,
        ("s2", "escalated"): 1,
        ("s2", "resolved"): 1,
        ("s3", "open"): 1,
        ("s4", "escalated"): 1,
        ("s4", "resolved"): 1,
        ("s4", "open"): 1,
    }
    assert {row["event_amount"] for row in contacts} == {None}


def test_sessions_of_known_customers_by_as_of(events):
    sessions = [row for row in events if row["event_kind"] == "session"]
    found = sorted(picked(row, "customer_id", "happened_at", "subject", "outcome", "event_amount") for row in sessions)
    assert [(who, what, outcome, amount) for who, _, what, outcome, amount in found] == [
        ("a", "A", "looked", None),
        ("a", "B", "in the cart", None),
        ("a", "C", "ordered", Decimal(100)),
        ("a", "A", "ordered and returned", Decimal(10)),
        ("b", "B", "ordered", Decimal(60)),
        ("b", "A", "ordered", Decimal(40)),
        ("c", "No campaign", "in the cart", None),
        ("c", "C", "ordered", Decimal(11)),
    ]
