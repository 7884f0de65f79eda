"""States of orders, channels and loyalty, by hand: tests/shops/contacts.py."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from shops import contacts
from shops.building import picked


@pytest.fixture(scope="module")
def customers(contacts_shop):
    return contacts_shop.by("gold.customer_360", "customer_id")


def test_orders_of_two_sources_with_the_same_number_are_two_orders(contacts_shop):
    firsts = [row for row in contacts_shop.rows("silver.order_lines") if row["order_id"] == "1"]
    assert sorted(picked(row, "source_name", "channel", "customer_id") for row in firsts) == [
        ("online", "online", "f1"),
        ("store", "in store", "s1"),
    ]


def test_only_orders_whose_state_counts_are_spend(customers):
    assert picked(customers["f1"], "order_count", "net_amount", "segment") == (0, 0, None)
    assert customers["f1"]["first_seen_date"] == date(2025, 1, 5)  # known, though nothing counts
    assert picked(customers["f2"], "order_count", "net_amount") == (1, 70)


def test_lines_that_do_not_count_stay_in_the_ledger(contacts_shop):
    kinds = {row["order_id"]: row["line_kind"] for row in contacts_shop.rows("silver.order_lines") if row["status"]}
    assert kinds == {
        "1": "not_completed",
        "2": "not_completed",
        "3": "sale",
        "4": "not_completed",
        "5": "sale",
    }
    ledger = [row for row in contacts_shop.rows("measures.ledger") if row["source_name"] == "online"]
    assert sum(row["not_completed_amount"] for row in ledger) == 190
    assert sum(row["gross_amount"] for row in ledger) == 75 + 150
    assert sum(row["raw_amount"] for row in ledger) == 75 + 150 + 190


def test_more_states_can_count(build_money):
    shop = build_money(
        "pending", contacts.settings(orders={"spend_statuses": ["Completed", "pending"]}), contacts.FILES
    )
    assert shop.by("gold.customer_360", "customer_id")["f1"]["net_amount"] == 60


@pytest.mark.parametrize(
    ("who", "channel", "share", "count", "engagement"),
    [
        ("m1", "in store", 1.0, 1, "Low"),
        ("m4", "Omnichannel", 0.5, 2, "Low"),
        ("m5", "in store", 1.0, 1, "Medium"),
        ("m9", "Omnichannel", 6 / 9, 2, "Medium"),
        ("m10", "online", 0.7, 2, "High"),  # 7 of 10 is 70%
        ("f1", None, None, 0, "None"),
    ],
)
def test_preferred_channel_and_engagement(customers, who, channel, share, count, engagement):
    row = customers[who]
    assert picked(row, "preferred_channel", "channel_count", "engagement_level") == (channel, count, engagement)
    assert row["preferred_channel_share"] == (None if share is None else pytest.approx(share))


def test_activity_follows_the_churn_window(customers):
    assert customers["s1"]["is_active"]  # 59 days silent
    assert not customers["s6"]["is_active"]  # 120 days
    assert not customers["f1"]["is_active"]


def test_days_by_channel_add_up_to_the_days(contacts_shop):
    by_channel = contacts_shop.by("gold.daily_metrics_by_channel", "activity_date", "channel")
    third = date(2025, 3, 3)
    assert picked(by_channel[third, "online"], "order_count", "customer_count", "net_amount") == (2, 2, 20)
    assert picked(by_channel[third, "in store"], "order_count", "net_amount", "average_order_value") == (2, 20, 10)
    assert by_channel[third, "in store"]["average_order_value_before_refunds"] == 10
    assert by_channel[date(2025, 3, 30), "in store"]["guest_order_count"] == 1
    for day in contacts_shop.rows("gold.daily_metrics"):
        of_day = [row for (at, _), row in by_channel.items() if at == day["activity_date"]]
        for column in ("order_count", "net_amount", "gross_amount", "sale_line_count"):
            assert sum(row[column] for row in of_day) == day[column]


def test_of_several_accounts_the_highest_tier_counts(customers):
    columns = ("loyalty_account_count", "loyalty_tier", "loyalty_tier_rank", "points_earned", "loyalty_tenure_days")
    assert picked(customers["l1"], *columns) == (3, "Platinum", 4, 350, 455)  # 2024-01-01 to 2025-03-31
    assert picked(customers["l2"], *columns) == (1, "Gold", 3, 7, 0)  # written in small letters
    assert picked(customers["l3"], *columns) == (1, "Diamond", None, 1, 89)  # unknown to loyalty.tiers
    assert "l4" not in customers or customers["l4"]["loyalty_account_count"] == 0  # opened after as_of


def test_points_by_as_of(contacts_shop):
    row = contacts_shop.by("measures.customer_loyalty", "customer_id")["l1"]
    assert picked(row, "points_change_count", "points_change", "points_redeemed") == (3, Decimal("24.5"), 15)


def test_spending_by_loyalty_adds_up_to_the_shop(contacts_shop):
    rows = contacts_shop.by("gold.spending_by_loyalty", "loyalty_status")
    assert picked(rows["Guest"], "order_count", "net_amount", "average_order_value") == (1, 3, 3)
    assert rows["Not a member"]["net_amount"] == sum(row["net_amount"] for row in rows.values()) - 3
    whole = sum(row["net_amount"] for row in contacts_shop.rows("gold.daily_metrics"))
    assert sum(row["net_amount"] for row in rows.values()) == whole


def test_a_shop_whose_states_are_all_unknown_is_reported(build_shop):
    shop = build_shop("unknown", contacts.settings(orders={"spend_statuses": ["shipped"]}), contacts.FILES)
    (warning,) = shop.report.warnings
    assert warning.startswith("no order has a status that counts as spend; the data has COMPLETED (1 line)")
    assert "orders.spend_statuses" in warning


def test_run_rate_over_the_full_tenure_from_its_least_days_on(contacts_shop):
    rows = contacts_shop.by("gold.customer_clv", "customer_id")
    s1, m9 = rows["s1"], rows["m9"]  # 40.00 in 120 days, which are just enough; 90.00 in 30
    assert picked(s1, "tenure_days", "run_rate_clv_1y", "run_rate_clv_5y") == (
        *(120, Decimal("121.6667"), Decimal("608.3333")),
    )
    assert picked(m9, "tenure_days", "run_rate_clv_1y", "run_rate_clv_5y") == (30, None, None)


def test_churn_risk_is_the_segments(contacts_shop):
    risks = {row["segment"]: row["churn_risk"] for row in contacts_shop.rows("gold.dim_rfm_segment")}
    assert risks == {
        **dict.fromkeys(["Hibernating", "Lost"], "Critical"),
        **dict.fromkeys(["At Risk", "Can't Lose Them"], "High"),
        "Needs Attention": "Medium",
        **dict.fromkeys(["Champions", "Loyal Customers", "New Customers", "Potential Loyalists"], "Low"),
    }
    for row in contacts_shop.rows("gold.customer_360"):
        assert row["churn_risk"] == risks.get(row["segment"])
