"""Orders and deliveries exactly on an edge, by hand: as_of itself, the first of several days, the same second."""

from __future__ import annotations

import datetime as dt
from typing import Any

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
    rows = build("delivery_measures", tables)
    found = {row["delivery_id"]: row for row in rows}
    assert len(found) == len(rows)
    return found


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
