"""Values exactly on an edge, worked out by hand: the last day of a window, as_of itself, a threshold that is met."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from predict.churn.churn_shop import ChurnShop, sale
from transform.lone_models import Row, bounds, build, build_all, day, line, money, numbered

AS_OF = "2024-06-30"


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


# Orders


def orders_of(*lines: Row, as_of: str = AS_OF) -> list[Row]:
    return build("order_measures", {"silver.order_lines": numbered(*lines), "measures.as_of": bounds(as_of)})


def test_an_order_of_two_days_is_of_its_first():
    (one,) = orders_of(line("1", "2024-03-02", "ann"), line("1", "2024-03-01", "ann"))
    assert (one["order_date"], one["whole_order_date"]) == (day("2024-03-01"), day("2024-03-01"))
    assert one["ordered_at"] == at("2024-03-01 12:00:00")


def test_an_order_of_two_customers_and_two_days_is_counted_once_and_of_its_first_day():
    found = orders_of(line("1", "2024-03-02", "bob"), line("1", "2024-03-01", "ann"), line("1", "2024-03-05", None))
    assert {row["whole_order_date"] for row in found} == {day("2024-03-01")}
    assert {row["whole_order_number"] for row in found} == {1}
    assert {row["customer_id"]: row["is_counted"] for row in found} == {"ann": False, "bob": True, None: False}


def test_lines_of_as_of_count_and_later_ones_do_not():
    found = orders_of(line("1", "2024-06-30", "ann"), line("1", "2024-07-01", "ann"), line("2", "2024-07-01", "ann"))
    assert [(row["order_id"], row["sale_line_count"], row["gross_amount"]) for row in found] == [("1", 1, 10)]


def test_an_order_is_promoted_by_a_discount_on_one_of_its_lines():
    found = orders_of(
        line("1", "2024-03-01", "a"), line("1", "2024-03-01", "a", discount=1), line("2", "2024-03-01", "a")
    )
    assert {row["order_id"]: row["is_promoted"] for row in found} == {"1": True, "2": False}
    assert {row["order_id"]: (row["gross_amount"], row["discount_amount"]) for row in found} == {
        "1": (21, -1),
        "2": (10, 0),
    }


# Deliveries


def delivery(number: str, order: str, of: str = "couriers", ordered: str = "2024-03-01 12:00", **more: Any) -> Row:
    places = dict.fromkeys(("from_latitude", "from_longitude", "to_latitude", "to_longitude"), 1.0)
    names = (
        "order_type weather traffic vehicle vehicle_condition multiple_delivery_count city area city_type is_festival"
    )
    nothing = dict.fromkeys(names.split())
    return {
        **{"source_name": of, "id_namespace": of, "_row_key": int(number), "delivery_id": number, "order_id": order},
        **{"customer_id": None, "staff_id": f"d{number}", "store_id": "s1"},
        **{"ordered_at": at(ordered), "ordered_date": at(ordered).date(), "picked_up_at": at("2024-03-01 12:10")},
        **{"delivered_at": at("2024-03-01 12:30"), "stated_delivery_minutes": money(45)},
        **places,
        **nothing,
        **more,
    }


def order(number: str, of: str, who: str = "ann", **more: Any) -> Row:
    measured = {"is_counted": True, "whole_order_date": day("2024-03-01"), "ordered_at": at("2024-03-01 12:00:00")}
    return {"id_namespace": of, "order_id": number, "customer_id": who, **measured, **more}


def matched(deliveries: list[Row], orders: list[Row], as_of: str = AS_OF) -> dict[str, Row]:
    tables = {"silver.deliveries": deliveries, "measures.order_measures": orders, "measures.as_of": bounds(as_of)}
    return {row["delivery_id"]: row for row in build("delivery_measures", tables)}


def test_a_delivery_belongs_to_the_order_of_its_own_source_or_to_the_only_one():
    orders = [
        *(order("7", "couriers", "own"), order("7", "till", "other")),
        *(order("8", "till", "only"), order("9", "till", "one"), order("9", "web", "two")),
    ]
    found = matched([delivery(str(number), str(number)) for number in (7, 8, 9, 10)], orders)
    assert {key: (row["order_namespace"], row["order_id"], row["customer_id"]) for key, row in found.items()} == {
        "7": ("couriers", "7", "own"),
        "8": ("till", "8", "only"),
        "9": (None, None, None),
        "10": (None, None, None),
    }


def test_an_order_is_found_among_those_that_count():
    orders = [order("8", "till", "counted"), order("8", "till", "not", is_counted=False)]
    assert matched([delivery("1", "8")], orders)["1"]["customer_id"] == "counted"


def test_a_delivery_takes_from_its_order_to_its_arrival_or_as_long_as_is_stated():
    cases = {
        "1": {"delivered_at": at("2024-03-01 12:30")},
        "2": {"delivered_at": at("2024-03-01 12:00")},
        "3": {"delivered_at": at("2024-03-01 11:59")},
        "4": {"delivered_at": None},
        "5": {"ordered_at": at(f"{AS_OF} 23:50"), "ordered_date": day(AS_OF), "delivered_at": at(f"{AS_OF} 23:59")},
        "6": {"ordered_at": at(f"{AS_OF} 23:50"), "ordered_date": day(AS_OF), "delivered_at": at("2024-07-01 00:00")},
        "7": {"ordered_at": at("2024-07-01 00:00"), "ordered_date": day("2024-07-01")},
    }
    found = matched([{**delivery(key, "0"), **case} for key, case in cases.items()], [order("1", "till")])
    seconds = {key: row["delivery_seconds"] for key, row in found.items()}
    assert seconds == {"1": 1800, "2": 0, "3": 2700, "4": 2700, "5": 540, "6": None}


def test_the_first_of_several_deliveries_stands_for_the_order():
    orders = orders_of(line("1", "2024-03-01", "ann"), line("2", "2024-03-01", "bob"))
    deliveries = [
        delivery("1", "1", ordered="2024-03-01 13:00"),
        delivery("2", "1", ordered="2024-03-01 12:00"),
        delivery("3", "1", ordered="2024-03-01 12:00"),
    ]
    tables = {
        "measures.order_measures": orders,
        "silver.deliveries": deliveries,
        "measures.as_of": bounds(AS_OF),
    }
    found = build_all(["measures.delivery_measures", "gold.fct_orders"], tables)["fct_orders"]
    assert {row["order_id"]: (row["courier_id"], row["delivery_count"]) for row in found} == {
        "1": ("d2", 3),
        "2": (None, 0),
    }


def test_an_order_of_two_customers_is_one_order_at_its_full_amount():
    orders = orders_of(line("1", "2024-03-02", "bob", 20, discount=5), line("1", "2024-03-01", "ann", 30))
    tables = {
        "measures.order_measures": orders,
        "silver.deliveries": [delivery("1", "9")],
        "measures.as_of": bounds(AS_OF),
    }
    (one,) = build_all(["measures.delivery_measures", "gold.fct_orders"], tables)["fct_orders"]
    assert (one["customer_id"], one["order_date"], one["ordered_at"]) == (
        "bob",
        day("2024-03-01"),
        at("2024-03-01 12:00"),
    )
    assert (one["gross_amount"], one["discount_amount"], one["order_amount"]) == (55, -5, 50)
    assert (one["sale_line_count"], one["unit_count"]) == (2, 2)


# Customers


def customers_of(*lines: Row, as_of: str = AS_OF, first: str = "2024-01-01", **settings: Any) -> dict[str, Row]:
    """customer_measures, from lines."""
    names = "order_measures fully_refunded_orders customer_days customer_totals customer_measures".split()
    tables = {"silver.order_lines": numbered(*lines), "measures.as_of": bounds(as_of, first)}
    found = build_all([f"measures.{name}" for name in names], tables, **settings)
    return {row["customer_id"]: row for row in found["customer_measures"]}


def test_discounts_and_refunds_lower_what_a_customer_is_worth():
    (ann,) = customers_of(
        line("1", "2024-03-01", "ann", 90, discount=10),
        line("1", "2024-03-01", "ann", -5, "discount"),
        line("2", "2024-04-01", "ann", 40),
        line("3", "2024-05-01", "ann", -15, "return"),
        line("4", "2024-05-01", "ann", 99, "charge"),
    ).values()
    amounts = ("gross_amount", "discount_amount", "refund_amount", "net_amount", "historical_clv")
    assert [ann[name] for name in amounts] == [140, -15, -15, 110, 110]
    assert (ann["order_count"], ann["average_order_value"]) == (2, 55)
    assert ann["average_order_value_before_refunds"] == Decimal("62.5")
    # 110 over 121 days of 365, at a margin of 0.3
    assert ann["formula_clv_revenue"] == Decimal("36.4658")
    assert ann["formula_clv_profit"] == Decimal("10.9397")


def test_a_first_order_a_year_ago_to_the_day_has_a_run_rate():
    found = customers_of(line("1", "2023-07-01", "ann", 73), line("2", "2023-07-02", "bob", 73), first="2023-07-01")
    assert {who: (row["tenure_days"], row["run_rate_clv_1y"]) for who, row in found.items()} == {
        "ann": (365, 73),
        "bob": (364, None),
    }
    assert found["ann"]["run_rate_clv_3y"] == 219


def test_orders_refunded_in_full_are_no_purchases():
    (ann,) = customers_of(
        *(line("1", "2024-03-01", "ann", 20), line("1", "2024-03-09", "ann", -20, "return")),
        *(line("2", "2024-04-01", "ann", 20), line("2", "2024-04-09", "ann", -19.99, "return")),
        *(line("3", "2024-04-15", "ann", 30), line("3r", "2024-04-20", "ann", -30, "return")),
        *(line("4", "2024-05-01", "ann", 40), line("4", "2024-07-01", "ann", -40, "return")),
    ).values()
    assert (ann["purchase_day_count"], ann["kept_day_count"], ann["repeat_count"]) == (4, 2, 1)
    assert (ann["first_kept_date"], ann["last_kept_date"]) == (day("2024-04-01"), day("2024-05-01"))
    assert (ann["recency_weeks"], ann["age_weeks"]) == (30 / 7, 90 / 7)


def test_a_day_of_two_orders_is_a_purchase_until_both_are_refunded():
    lines = [line("1", "2024-03-01", "ann", 20), line("2", "2024-03-01", "ann", 30)]
    back = [line("1", "2024-03-02", "ann", -20, "return"), line("2", "2024-03-03", "ann", -30, "return")]
    assert customers_of(*lines, back[0])["ann"]["kept_day_count"] == 1
    assert customers_of(*lines, *back)["ann"]["kept_day_count"] == 0


def test_cells_of_purchases_and_spend():
    lines = [
        *(line("1", "2024-03-01", "ann", 90, discount=10), line("2", "2024-03-08", "ann", 30)),
        *(line("3", "2024-03-01", "bob", 10), line("3", "2024-03-02", "bob", -10, "return")),
    ]
    tables = {"measures.customer_measures": list(customers_of(*lines).values())}
    found = build_all(["purchase_cells", "spend_cells"], tables)
    assert found["purchase_cells"] == [{"repeat_count": 1, "recency_days": 7, "age_days": 121, "customer_count": 1}]
    (spent,) = found["spend_cells"]
    assert (spent["kept_day_count"], spent["customer_count"], spent["mean_units"]) == (2, 1, 600_000)


def test_a_visit_365_days_ago_is_not_of_the_last_year_and_one_364_days_ago_is():
    days = [
        {"customer_id": "ann", "activity_date": day(text), "order_count": 1}
        for text in ("2023-07-01", "2023-07-02", "2024-06-30")
    ]
    totals = [{"customer_id": "ann", "order_count": 3, "first_order_date": day("2023-07-01")}]
    tables = {"measures.customer_days": days, "measures.customer_totals": totals, "measures.as_of": bounds(AS_OF)}
    (found,) = build("customer_visits", tables)
    assert (found["visit_count"], found["last_year_visit_count"]) == (3, 2)
    assert found["visits_per_week"] == 3 * 7 / 365


def test_mapped_visits_of_the_last_year_end_with_as_of():
    visits = [
        {"customer_id": "ann", "visit_count": 1, "visited_at": at(f"{text} 12:00"), **dict.fromkeys(PERIOD, day(text))}
        for text in ("2023-07-01", "2023-07-02", "2024-06-30", "2024-07-01")
    ]
    (found,) = build("customer_visits", {"silver.visits": visits, "measures.as_of": bounds(AS_OF)}, also="visits")
    assert (found["visit_count"], found["last_year_visit_count"]) == (3, 2)
    assert found["first_visit_date"] == day("2023-07-01")


PERIOD = ("period_start_date", "period_end_date")


@pytest.mark.parametrize(
    ("first", "per_week"), [("2024-06-30", 2), ("2024-06-24", 2), ("2024-06-23", 2), ("2024-06-16", 1)]
)
def test_less_than_a_week_counts_as_one(first, per_week):
    days = [{"customer_id": "ann", "activity_date": day(first), "order_count": 2}]
    totals = [{"customer_id": "ann", "order_count": 2, "first_order_date": day(first)}]
    tables = {"measures.customer_days": days, "measures.customer_totals": totals, "measures.as_of": bounds(AS_OF)}
    assert build("customer_visits", tables)[0]["visits_per_week"] == per_week


def purchases_known_at(cutoff: int, refunded: int) -> list[tuple[str, int]]:
    """Who is known at a cutoff, with their purchase days: ann bought on days 10 and 40, and gave back the latter."""
    events = {
        "lines": [sale("1", 10, "ann"), sale("2", 40, "ann"), sale("2", refunded, "ann", amount=-10.0, kind="return")]
    }
    events["lines"] += [sale("9", 200, "zed")]
    with TemporaryDirectory() as folder:
        rows = ChurnShop(Path(folder), events, cutoff).rows("select * from predictions.churn_features")
    return [(row["customer_id"], row["purchase_day_count"]) for row in rows]


def test_a_refund_is_known_from_its_own_day_on():
    assert purchases_known_at(50, refunded=50) == [("ann", 1)]
    assert purchases_known_at(50, refunded=51) == [("ann", 2)]


# Scores and labels

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
