"""Questions, campaigns and days at their limits, by hand: what meets a limit exactly, and what lies beside it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from transform.lone_models import Row, bounds, build, build_all, day, line, money, numbered

AS_OF = "2024-06-30"


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


# Questions


def golden(lines: list[Row], **limits: Any) -> list[str]:
    """Who of ann (two orders at 100), bob (two at 50) and cid (one at 900) is golden."""
    people = [("ann", 2, 100), ("bob", 2, 50), ("cid", 1, 900)]
    known = {"as_of_date": day(AS_OF), "last_order_date": day("2024-05-01"), "days_since_last_order": 60}
    known |= {"segment": "Lost", "clv_tier": "High", "net_amount": money(1)}
    labels = [
        {"customer_id": who, "order_count": count, "average_order_value": money(value), **known}
        for who, count, value in people
    ]
    shelf = [{"product_id": f"p{number}", "department": f"d{number}", "category": "c"} for number in range(1, 5)]
    tables = {"measures.customer_labels": labels, "silver.order_lines": numbered(*lines), "silver.products": shelf}
    asked = {"percentile": 0.5, "least_orders": 2, "least_departments": 3, **limits}
    return sorted(row["customer_id"] for row in build("golden_baskets", tables, questions={"golden_baskets": asked}))


def from_departments(who: str, *days: str, kind: str = "sale") -> list[Row]:
    return [line(f"{who}{n}", on, who, kind=kind, product_id=f"p{n}") for n, on in enumerate(days, start=1)]


def test_departments_are_those_bought_from_by_the_end_of_as_of():
    assert golden(from_departments("ann", "2024-05-01", "2024-05-02", AS_OF)) == ["ann"]
    assert golden(from_departments("ann", "2024-05-01", "2024-05-02", "2024-07-01")) == []
    free = [
        *from_departments("ann", "2024-05-01", "2024-05-02"),
        line("f", "2024-05-03", "ann", kind="free", product_id="p3"),
    ]
    assert golden(free) == []


def test_who_meets_the_percentile_the_orders_and_the_departments_exactly_is_golden():
    lines = [*from_departments("bob", *["2024-05-01"] * 3), *from_departments("ann", *["2024-05-01"] * 3)]
    lines += from_departments("cid", *["2024-05-01"] * 3)
    assert golden(lines) == ["ann"]
    assert golden(lines, percentile=0) == ["ann", "bob"]
    assert golden(lines, percentile=0.5, least_orders=1) == ["ann", "cid"]
    assert golden(lines, least_departments=4) == []


def test_lapsed_top_spenders_are_on_the_percentile_and_as_long_silent_as_is_asked():
    facts = (
        "order_count average_order_value last_order_date segment churn_risk churn_group is_churned recommended_action"
    )
    people = {"ann": (100, 90), "bob": (100, 89), "cid": (80, 200), "dot": (10, 200), "eve": (10, 200)}
    labels = [
        {
            "customer_id": who,
            "net_amount": money(spent),
            "days_since_last_order": days,
            **dict.fromkeys(facts.split(), 1),
        }
        for who, (spent, days) in people.items()
    ]
    gaps = [{"customer_id": who, "median_gap_days": 1.0, "silence_ratio": 1.0} for who in people]
    tables = {"measures.customer_labels": labels, "gold.customer_order_gaps": gaps}
    asked = {"lapsed_top_spenders": {"percentile": 0.5, "inactive_days": 90}}
    found = build("lapsed_top_spenders", tables, questions=asked)
    assert {row["customer_id"] for row in found} == {"ann", "cid"}


# Campaigns


def session(number: int, when: str, campaign: str, revenue: float | None = None, **more: Any) -> Row:
    touched = at(when)
    return {
        **{"id_namespace": "web", "_row_key": number, "customer_id": "ann", "touched_at": touched},
        **{"touched_date": touched.date(), "campaign": campaign, "is_conversion": revenue is not None},
        **{"revenue_amount": money(revenue or 0), **more},
    }


def credited(model: str, *sessions: Row, **campaigns: Any) -> dict[str, Decimal]:
    rows = build("campaign_attribution", {"measures.campaign_sessions": list(sessions)}, campaigns=campaigns)
    return {row["campaign"]: row["credited_amount"] for row in rows if row["attribution_model"] == model}


def test_a_touch_exactly_as_old_as_is_looked_back_gets_credit():
    touches = [session(1, "2024-05-01 23:00", "Edge"), session(2, "2024-04-30 23:00", "Older")]
    bought = session(3, "2024-05-31 08:00", "Last", 90)
    assert credited("linear", *touches, bought) == {"Edge": 45, "Last": 45}
    assert credited("first_touch", *touches, bought) == {"Edge": 90, "Last": 0}
    assert credited("last_touch", *touches, bought) == {"Edge": 0, "Last": 90}


def test_a_later_touch_gets_no_credit_even_of_the_same_second():
    bought = session(2, "2024-05-31 08:00", "Bought", 90)
    touches = [session(1, "2024-05-31 08:00", "Before"), session(3, "2024-05-31 08:00", "After")]
    assert credited("linear", *touches, bought) == {"Before": 45, "Bought": 45}


def test_shares_of_position_that_are_one_together_leave_the_middle_nothing():
    touches = [session(number, f"2024-05-0{number} 08:00", name) for number, name in ((1, "A"), (2, "B"))]
    bought = session(3, "2024-05-03 08:00", "C", 100)
    assert credited("position_based", *touches, bought) == {"A": 40, "B": 20, "C": 40}
    assert credited("position_based", *touches, bought, first_share=0.5, last_share=0.5) == {"A": 50, "B": 0, "C": 50}


def test_half_the_weight_a_half_life_earlier():
    touches = [session(1, "2024-05-01 08:00", "A"), session(2, "2024-05-08 08:00", "B", 90)]
    assert credited("time_decay", *touches)["A"] == pytest.approx(Decimal(30), abs=Decimal("0.01"))


# Days


def test_activity_counts_for_seven_and_thirty_days_and_one_more_than_the_churn_window():
    names = "calendar order_measures fully_refunded_orders customer_days day_lines day_measures".split()
    lines = numbered(line("1", "2024-03-01", "ann"))
    tables = {"silver.order_lines": lines, "measures.as_of": bounds("2024-06-30", "2024-03-01")}
    found = build_all([f"measures.{name}" for name in names], tables)["day_measures"]
    active = {name: sum(row[name] for row in found) for name in ("dau", "wau", "mau", "in_window")}
    assert active == {"dau": 1, "wau": 7, "mau": 30, "in_window": 91}


def test_each_kind_of_line_is_in_one_amount_of_its_day():
    kinds = {"sale": 100, "discount": -10, "return": -20, "free": 0, "adjustment": 3, "bad_debt": -4, "charge": 5}
    kinds |= {"gift_card": 6, "invalid": 7, "not_completed": 8, "test": 9}
    lines = [line(kind, "2024-03-01", "ann", amount, kind) for kind, amount in kinds.items()]
    tables = {"silver.order_lines": numbered(*lines), "measures.as_of": bounds(AS_OF)}
    (found,) = build("day_lines", tables)
    amounts = ("gross_amount", "discount_amount", "refund_amount", "net_amount", "other_amount")
    assert [found[name] for name in amounts] == [100, -10, -20, 70, 34]
    assert (found["line_count"], found["sale_line_count"]) == (11, 1)
