"""Best customers who fell silent, by hand: tests/shops/questions_a.py."""

from __future__ import annotations

from decimal import Decimal

from shops.building import picked


def test_who_is_at_or_above_the_percentile_and_silent_for_ninety_days(questions_a_shop):
    """Net: dan 12, bob 30, cat 93, eve 200, ann 240, fay 300, gus 1000. The median of seven is eve's own 200: she counts.

    Silent: eve 91 days, fay 90, gus 89, ann 26.
    """
    rows = questions_a_shop.by("gold.lapsed_top_spenders", "customer_id")
    assert {who: picked(row, "net_amount", "days_since_last_order") for who, row in rows.items()} == {
        "eve": (200, 91),
        "fay": (300, 90),
    }
    assert {row["top_from_net_amount"] for row in rows.values()} == {Decimal(200)}


def test_their_rhythm_and_risk_stand_beside_it(questions_a_shop):
    rows = questions_a_shop.by("gold.lapsed_top_spenders", "customer_id")
    assert picked(rows["fay"], "median_gap_days", "silence_ratio", "order_count", "average_order_value") == (
        *(5, 18, 3, 100),
    )
    # above churn.window_days (90) is churned: eve is, fay on the day itself is not yet
    assert picked(rows["eve"], "is_churned", "churn_group") == (True, "Churned")
    assert picked(rows["fay"], "is_churned", "churn_group") == (False, "High")
    everybody = questions_a_shop.by("gold.customer_360", "customer_id")
    for who, row in rows.items():
        named = ("segment", "churn_risk", "recommended_action")
        assert picked(row, *named) == picked(everybody[who], *named)
