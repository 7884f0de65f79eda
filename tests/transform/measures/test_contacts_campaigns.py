"""Campaigns: performance, funnel, and who gets the credit, by hand: tests/shops/contacts.py."""

from __future__ import annotations

from decimal import Decimal

import pytest

from shops import contacts
from shops.building import picked

REVENUE = Decimal("100") + 10 + 60 + 40 + 7 + 11
"""Confirmed sessions by as_of; the last one of the file comes the day after."""


@pytest.fixture(scope="module")
def credits(contacts_shop):
    return contacts_shop.by("gold.campaign_attribution", "attribution_model", "campaign")


def test_performance(contacts_shop):
    rows = contacts_shop.by("gold.campaign_performance", "campaign")
    counts = ("session_count", "customer_count", "carted_count", "conversion_count", "returned_count")
    assert picked(rows["A"], *counts) == (3, 2, 2, 2, 1)  # a confirmed order was in a cart, said or not
    assert picked(rows["B"], *counts) == (3, 2, 3, 2, 0)
    assert picked(rows["C"], *counts) == (2, 2, 2, 2, 0)
    assert picked(rows["No campaign"], *counts) == (1, 1, 1, 0, 0)
    amounts = ("revenue_amount", "revenue_per_session", "average_order_value", "margin_amount", "returned_amount")
    assert picked(rows["A"], *amounts) == (50, Decimal("16.6667"), 25, 6, 10)  # of b's order the cost is unknown
    assert picked(rows["B"], *amounts) == (67, Decimal("22.3333"), Decimal("33.5"), 20 + 6, 0)
    assert picked(rows["C"], *amounts) == (111, Decimal("55.5"), Decimal("55.5"), 60 + 10, 0)
    assert rows["A"]["margin_rate"] == pytest.approx(6 / 10)
    assert picked(rows["A"], "conversion_rate", "return_rate") == (pytest.approx(2 / 3), 0.5)
    # the other campaigns: four orders of six sessions
    assert picked(rows["A"], "other_conversion_rate", "difference") == (pytest.approx(2 / 3), pytest.approx(0))
    assert picked(rows["A"], "p_value", "compared_count", "reading") == (None, 0, "too few to compare")
    assert [rows[name]["revenue_rank"] for name in ("C", "B", "A", "No campaign")] == [1, 2, 3, 4]


def test_funnel(contacts_shop):
    rows = contacts_shop.by("gold.campaign_funnel", "campaign", "step")
    found = {key: row["session_count"] for key, row in rows.items() if key[0] == "A"}
    assert found == {("A", "session"): 3, ("A", "cart"): 2, ("A", "confirmed"): 2, ("A", "kept"): 1}
    assert picked(rows["A", "kept"], "share_of_sessions_rate", "share_of_step_before_rate") == (
        pytest.approx(1 / 3),
        0.5,
    )
    assert rows["No campaign", "kept"]["share_of_step_before_rate"] is None


def test_credit_is_shared_by_hand(credits):
    # paths: a's 100.00 A B C; a's 10.00 A B C A; b's 60.00 B; b's 40.00, on the 30th day, B A; nobody's 7.00 B;
    # c's 11.00: no campaign, C
    amounts = {key: row["credited_amount"] for key, row in credits.items()}
    assert amounts["first_touch", "A"] == 100 + 10
    assert amounts["first_touch", "B"] == 60 + 40 + 7
    assert amounts["first_touch", "No campaign"] == 11
    assert amounts["last_touch", "A"] == 10 + 40
    assert amounts["last_touch", "B"] == 60 + 7
    assert amounts["last_touch", "C"] == 100 + 11
    assert amounts["linear", "A"] == Decimal("33.3333") + 5 + 20
    assert amounts["linear", "B"] == Decimal("33.3334") + Decimal("2.5") + 60 + 20 + 7
    assert amounts["linear", "C"] == Decimal("33.3333") + Decimal("2.5") + Decimal("5.5")
    assert amounts["position_based", "A"] == 40 + (4 + 4) + 20
    assert amounts["position_based", "B"] == 20 + 1 + 60 + 20 + 7
    assert amounts["position_based", "C"] == 40 + 1 + Decimal("5.5")


def test_credit_fades_by_half_in_a_week(credits):
    weights = [0.5 ** (7 / 7), 0.5 ** (5 / 7), 1.0]  # a's 100.00: A a week before, B five days, C the same day
    later = [0.5 ** (8 / 7), 0.5 ** (6 / 7), 0.5 ** (1 / 7), 1.0]
    expected = 100 * weights[0] / sum(weights) + 10 * (later[0] + later[3]) / sum(later)
    expected += 40 * 1 / (0.5 ** (30 / 7) + 1)
    assert float(credits["time_decay", "A"]["credited_amount"]) == pytest.approx(expected, abs=0.001)


@pytest.mark.parametrize("model", ["first_touch", "last_touch", "linear", "position_based", "time_decay"])
def test_credits_sum_to_the_revenue_to_the_last_place(credits, model):
    own = [row for (name, _), row in credits.items() if name == model]
    assert sum(row["credited_amount"] for row in own) == REVENUE
    assert sum(row["credited_conversion_count"] for row in own) == 6
    assert sum(row["credited_rate"] for row in own) == pytest.approx(1)


def test_conversions_of_several_touches_are_counted(credits):
    # A B C; A B C A; B; B A; B; no campaign, C
    assert {picked(row, "conversion_count", "multi_touch_conversion_count") for row in credits.values()} == {(6, 4)}


def test_a_shorter_look_back_leaves_out_what_is_older(build_shop):
    settings = contacts.settings(campaigns={"lookback_days": 29, "first_share": 0.5, "last_share": 0.3})
    shop = build_shop("lookback", settings, contacts.FILES)
    credits = shop.by("gold.campaign_attribution", "attribution_model", "campaign")
    assert credits["first_touch", "A"]["credited_amount"] == 100 + 10 + 40  # b's B is 30 days old
    assert credits["position_based", "A"]["credited_amount"] == 50 + (5 + 3) + 40
    # a's 100.00: 50, 20, 30; a's 10.00: 5, 1, 1, 3; c's 11.00: 6.875 and 4.125, as 5 to 3
    assert credits["position_based", "C"]["credited_amount"] == 30 + 1 + Decimal("4.125")


def test_orders_can_be_what_is_shared_out(build_shop):
    shop = build_shop("credit_orders", contacts.settings(campaigns={"credit": "orders"}), contacts.FILES)
    credits = shop.by("gold.campaign_attribution", "attribution_model", "campaign")
    # a's order of 5.00 on 2025-02-01: touches of 01-03, 01-08 and 01-09 (01-01 is 31 days old); all else had none
    linear = {name: row["credited_amount"] for (model, name), row in credits.items() if model == "linear"}
    assert linear["A"] + linear["B"] + linear["C"] == 5
    assert linear["A"] == Decimal("1.6666") or linear["A"] == Decimal("1.6667")
    whole = sum(row["net_amount"] for row in shop.rows("gold.daily_metrics"))
    assert linear["No campaign"] == whole - 5
    first = next(iter(credits.values()))
    orders = sum(row["order_count"] for row in shop.rows("gold.daily_metrics"))
    assert picked(first, "conversion_count", "multi_touch_conversion_count") == (orders, 1)


def test_touches_of_customers(contacts_shop):
    customers = contacts_shop.by("gold.customer_360", "customer_id")
    assert picked(customers["a"], "session_count", "conversion_count", "last_campaign") == (4, 2, "A")
    assert picked(customers["b"], "session_count", "order_count", "segment") == (2, 0, None)  # known by a session only
