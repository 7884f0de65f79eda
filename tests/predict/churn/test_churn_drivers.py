"""Drivers in words: the right ones, in the right order, with the customer's own values and right plurals."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from patron.predict.churn.driver_text import DESCRIPTIONS
from patron.predict.churn.drivers import describe_drivers
from patron.predict.churn.features import SUBJECTS

USUAL = {
    "days_since_last_order": 41,
    "mean_gap_days": 9.2,
    "tenure_days": 400,
    "purchase_day_count": 30,
    "order_count": 31,
    "purchase_day_count_90d": 2,
    "purchase_day_count_prior_90d": 8,
    "net_amount": 1234.5,
    "average_order_value": 39.82,
    "spent_amount_90d": 38.0,
    "spent_amount_prior_90d": 100.0,
    "discount_share": 0.126,
    "refund_share": 0.0,
    "lines_per_order": 2.54,
    "products_per_day": 2.5,
    "products_per_day_90d": 1.0,
    "main_channel": "web",
    "channel_count": 2,
    "contact_count": 3,
    "contact_count_90d": 2,
    "days_since_last_contact": 12,
    "member_days": 300,
    "points_earned_90d": 20.0,
    "points_redeemed_90d": 1500.0,
    "days_since_points": 3,
}


def describe(contributions, currency="EUR", **changed):
    """driver_1 to driver_3 of one customer. contributions: feature -> what it adds."""
    rows = pa.Table.from_pylist([USUAL | changed])
    names = list(contributions)
    found = describe_drivers(rows, names, np.array([list(contributions.values())]), currency).to_pylist()[0]
    return [found[f"driver_{number}"] for number in (1, 2, 3)]


def words(subject, currency="EUR", **changed):
    feature = next(name for name, own in SUBJECTS.items() if own == subject and name in USUAL)
    return describe({feature: 1.0}, currency, **changed)[0]


def test_the_strongest_subjects_first_and_each_once():
    found = describe(
        {
            "spent_amount_90d": 0.5,
            "mean_gap_days": 0.3,
            "days_since_last_order": 0.4,
            "tenure_days": 0.2,
            "net_amount": 0.6,
        }
    )
    assert found == [
        "bought every 9 days, no order for 41 days",
        "spends EUR 39.82 per order, EUR 1,234 in total",
        "spent 62% less in the last 90 days than in the 90 before",
    ]


def test_reasons_to_stay_are_not_listed_among_drivers():
    found = describe(
        {"days_since_last_order": 0.4, "mean_gap_days": -0.1, "spent_amount_90d": -2.0, "tenure_days": 0.01}
    )
    assert found == ["bought every 9 days, no order for 41 days", None, None]


def test_without_drivers_the_main_reason_to_stay_is_given():
    found = describe({"days_since_last_order": -0.4, "spent_amount_90d": -0.1}, days_since_last_order=2)
    assert found == ["main reason to stay: buys every 9 days, last bought 2 days ago", None, None]


def test_a_single_purchase_is_mentioned_once():
    found = describe(
        {"days_since_last_order": 0.1, "purchase_day_count": 0.5, "tenure_days": 0.3},
        purchase_day_count=1,
        mean_gap_days=None,
    )
    assert found == ["bought once, 41 days ago", "customer for 400 days", None]


@pytest.mark.parametrize(
    ("subject", "changed", "expected"),
    [
        ("rhythm", {"mean_gap_days": 1.0, "days_since_last_order": 2}, "bought every day, no order for 2 days"),
        ("rhythm", {"mean_gap_days": 1.6, "days_since_last_order": 1}, "buys every 2 days, last bought 1 day ago"),
        ("rhythm", {"mean_gap_days": None, "days_since_last_order": 0}, "bought once, today"),
        ("tenure", {"tenure_days": 1}, "customer for 1 day"),
        ("purchases", {"purchase_day_count": 2}, "bought on 2 days in total"),
        ("frequency", {}, "bought on 2 days in the last 90 days, on 8 days in the 90 before"),
        ("frequency", {"purchase_day_count_90d": 0, "purchase_day_count_prior_90d": 1}, "bought nothing in the last 90 days, on 1 day in the 90 before"),
        ("frequency", {"purchase_day_count_90d": 1, "purchase_day_count_prior_90d": 0}, "bought on 1 day in the last 90 days, on none in the 90 before"),
        ("frequency", {"purchase_day_count_90d": 0, "purchase_day_count_prior_90d": 0}, "bought nothing in the last 180 days"),
        ("frequency", {"purchase_day_count_90d": 3, "tenure_days": 50}, "bought on 3 days in the last 90 days"),
        ("spend", {"spent_amount_90d": 250.0}, "spent 150% more in the last 90 days than in the 90 before"),
        ("spend", {"spent_amount_90d": 100.1}, "spent as much in the last 90 days as in the 90 before"),
        ("spend", {"spent_amount_90d": 0.0}, "spent nothing in the last 90 days, EUR 100 in the 90 before"),
        ("spend", {"spent_amount_90d": 0.0, "spent_amount_prior_90d": 0.0}, "spent nothing in the last 180 days"),
        ("spend", {"spent_amount_prior_90d": 0.0}, "spent EUR 38.00 in the last 90 days, nothing in the 90 before"),
        ("spend", {"spent_amount_prior_90d": 0.0, "tenure_days": 9}, "spent EUR 38.00 in the last 90 days"),
        ("value", {"order_count": 1, "net_amount": -3.0}, "spent -EUR 3.00 in total"),
        ("discounts", {}, "13% saved through discounts"),
        ("discounts", {"discount_share": 0.001}, "less than 1% saved through discounts"),
        ("discounts", {"discount_share": None}, "never received a discount"),
        ("refunds", {}, "never received a refund"),
        ("refunds", {"refund_share": 0.5}, "50% of purchases refunded"),
        ("baskets", {}, "buys 2.5 different products at a time, 1 in the last 90 days"),
        ("baskets", {"products_per_day": 1.0}, "buys 1 different product at a time"),
        ("baskets", {"products_per_day": None}, "buys 2.5 lines per order"),
        ("channel", {}, "buys mostly via web"),
        ("channel", {"channel_count": 1}, "buys only via web"),
        ("channel", {"main_channel": None}, "channel unknown"),
        ("support", {}, "2 contacts with support in the last 90 days"),
        ("support", {"contact_count_90d": 0, "contact_count": 1, "days_since_last_contact": 99}, "1 contact with support, the last 99 days ago"),
        ("support", {"contact_count_90d": 0, "contact_count": 0}, "never contacted support"),
        ("membership", {"member_days": None}, "no loyalty account"),
        ("membership", {"member_days": 1}, "loyalty account for 1 day"),
        ("points", {}, "earned 20 loyalty points in the last 90 days, redeemed 1,500"),
        ("points", {"points_earned_90d": 0.0, "points_redeemed_90d": 0.0}, "last loyalty points 3 days ago"),
        ("points", {"days_since_points": None}, "never earned loyalty points"),
    ],
)  # fmt: skip
def test_words(subject, changed, expected):
    assert words(subject, **changed) == expected


def test_without_a_currency():
    assert words("spend", "", spent_amount_90d=0.0) == "spent nothing in the last 90 days, 100 in the 90 before"


def test_every_feature_has_words():
    assert set(SUBJECTS.values()) == set(DESCRIPTIONS)
