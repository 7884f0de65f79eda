"""Scores, tiers and churn of values that lie exactly on a threshold."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from transform.lone_models import Row, bounds, build, day, money

AS_OF = "2024-06-30"


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


RFM = {"method": "threshold", "recency_days": [10, 20, 30, 40], "frequency_orders": [2, 3, 4, 5]}
RFM |= {"monetary_amounts": [10, 20, 30, 40]}


@pytest.mark.parametrize(
    ("days", "orders", "amount", "scores"),
    [
        (10, 5, 40, (5, 5, 5)),
        (11, 4, 39.99, (4, 4, 4)),
        (20, 4, 30, (4, 4, 4)),
        (40, 2, 10, (2, 2, 2)),
        (41, 1, 9.99, (1, 1, 1)),
    ],
)
def test_a_value_on_a_threshold_has_reached_it(days, orders, amount, scores):
    row = {"customer_id": "ann", "days_since_last_order": days, "order_count": orders, "net_amount": money(amount)}
    (found,) = build(
        "customer_scores", {"measures.customer_measures": [{**row, "historical_clv": money(amount)}]}, rfm=RFM
    )
    assert (found["recency_score"], found["frequency_score"], found["monetary_score"]) == scores


def test_equal_values_have_equal_scores_and_a_fifth_is_enough():
    rows = [
        {"customer_id": f"c{number}", "days_since_last_order": number, "order_count": 1, "net_amount": money(amount)}
        for number, amount in enumerate([1, 1, 2, 3, 4])
    ]
    tables = {"measures.customer_measures": [{**row, "historical_clv": row["net_amount"]} for row in rows]}
    found = {row["customer_id"]: row for row in build("customer_scores", tables)}
    assert [found[f"c{number}"]["recency_score"] for number in range(5)] == [5, 4, 3, 2, 1]
    assert [found[f"c{number}"]["monetary_score"] for number in range(5)] == [1, 1, 3, 4, 5]
    assert {row["frequency_score"] for row in found.values()} == {1}
    assert [found[f"c{number}"]["clv_at_or_below_count"] for number in range(5)] == [2, 2, 3, 4, 5]


def labelled(*silences: int, first: str = "2024-01-01", **settings: Any) -> list[Row]:
    """Customers whose last order is so many days ago, worth as many."""
    buyers = [
        {
            **{"customer_id": f"c{number}", "days_since_last_order": days, "order_count": 1, "as_of_date": day(AS_OF)},
            **{"historical_clv": money(days), "net_amount": money(days)},
        }
        for number, days in enumerate(silences)
    ]
    scores = [
        {
            **{"customer_id": row["customer_id"], "recency_score": 1, "frequency_score": 1, "monetary_score": 1},
            **{"clv_at_or_below_count": number, "buyer_count": len(buyers)},
        }
        for number, row in enumerate(buyers, start=1)
    ]
    tables = {
        "measures.customer_measures": buyers,
        "measures.customer_scores": scores,
        "measures.as_of": bounds(AS_OF, first),
        "seeds.segment_scores": [{"recency_score": 1, "frequency_score": 1, "monetary_score": 1, "segment": "Lost"}],
        "seeds.segments": [{"segment": "Lost", "action": "none", "churn_risk": "High"}],
    }
    return sorted(build("customer_labels", tables, **settings), key=lambda row: row["customer_id"])


def test_silence_of_exactly_the_window_is_not_churn():
    found = labelled(30, 31, 60, 61, 90, 91)
    assert [row["is_churned"] for row in found] == [False, False, False, False, False, True]
    assert [row["churn_group"] for row in found] == ["Low", "Medium", "Medium", "High", "High", "Churned"]


@pytest.mark.parametrize(("first", "is_churned"), [("2024-04-01", None), ("2024-03-31", True)])
def test_nobody_has_churned_in_a_history_of_exactly_the_window(first, is_churned):
    assert labelled(91, first=first)[0]["is_churned"] is is_churned


def test_an_amount_on_a_cut_belongs_to_the_tier_above():
    tiers = {"tiers": {"by": "amount", "cuts": [10, 20], "labels": ["Low", "Medium", "High"]}}
    found = labelled(9, 10, 19, 20, clv=tiers)
    assert [row["clv_tier"] for row in found] == ["Low", "Medium", "Medium", "High"]


def test_a_value_on_a_percentile_belongs_to_the_tier_above():
    """Of five, the second lies at the first quartile, the third at the median."""
    tiers = {"tiers": {"cuts": [0.25, 0.5], "labels": ["Low", "Medium", "High"]}}
    found = labelled(1, 2, 3, 4, 5, clv=tiers)
    assert [row["clv_tier"] for row in found] == ["Low", "Medium", "High", "High", "High"]
