"""The star of orders by hand: tests/shops/delivery.py."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from shops.building import picked

FOREIGN_KEYS = {
    "customer_id": ("dim_customer", "customer_id"),
    "location_id": ("dim_location", "location_id"),
    "delivery_location_id": ("dim_location", "location_id"),
    "courier_id": ("dim_courier", "courier_id"),
    "order_date": ("dim_date", "calendar_date"),
    "delivered_date": ("dim_date", "calendar_date"),
    "order_minute": ("dim_time", "minute_of_day"),
    "delivered_minute": ("dim_time", "minute_of_day"),
}


@pytest.fixture(scope="module")
def orders(delivery_shop):
    return delivery_shop.by("gold.fct_orders", "id_namespace", "order_id")


def test_one_row_an_order_that_counts(orders):
    assert {key for _, key in orders} == {str(n) for n in range(1, 10)}  # 10 failed
    assert sum(row["order_amount"] for row in orders.values()) == Decimal(162)  # all of ORDERS but 99


def test_an_order_has_the_facts_of_its_delivery(orders):
    columns = ("customer_id", "location_id", "courier_id", "delivery_location_id", "order_minute", "delivery_count")
    assert picked(orders["orders", "1"], *columns) == (
        *("c1", "store:R1", "XRES1DEL01", "point:101000:200000", 19 * 60, 1),
    )
    facts = ("preparation_minutes", "delivery_minutes", "distance_km", "traffic", "weather", "is_festival")
    # a tenth of a degree north: 6371.0088 km x pi / 1800 = 11.1195 km
    assert picked(orders["orders", "1"], *facts) == (10.0, 24.0, 11.12, "Jam", "Windy", False)
    assert picked(orders["orders", "3"], *facts) == (5.0, None, 0.0, "Low", "Windy", None)
    assert picked(orders["orders", "6"], *facts) == (15.0, 20.0, None, "High", "Fog", False)  # over midnight


def test_an_order_without_a_delivery_has_none_of_its_facts(orders):
    row = orders["orders", "9"]
    assert picked(row, "customer_id", "location_id", "courier_id", "delivery_count") == (None, "store:R2", None, 0)
    assert picked(row, "status", "order_date", "order_amount") == ("completed", dt.date(2024, 3, 30), Decimal(7))


@pytest.mark.parametrize(("column", "target"), FOREIGN_KEYS.items())
def test_every_key_is_found_in_its_dimension(delivery_shop, orders, column, target):
    known = {row[target[1]] for row in delivery_shop.rows(f"gold.{target[0]}")}
    assert len(known) == len(delivery_shop.rows(f"gold.{target[0]}"))
    assert {row[column] for row in orders.values()} - {None} <= known


def test_places_are_there_once(delivery_shop):
    places = delivery_shop.by("gold.dim_location", "location_id")
    assert set(places) == {
        *("store:R1", "store:R2", "store:R3"),
        *("point:100000:200000", "point:101000:200000", "point:102000:200000", "point:103000:200000"),
    }
    columns = ("location_kind", "store_name", "city", "latitude", "longitude", "is_delivered_from", "is_delivered_to")
    assert picked(places["store:R1"], *columns) == ("store", "The Oven", "Xton", 10.0, 20.0, True, False)
    assert picked(places["store:R2"], *columns) == ("store", "The Pan", "Yton", None, None, False, False)
    assert picked(places["store:R3"], *columns) == ("store", None, "X", None, None, True, False)  # on no file
    assert picked(places["point:102000:200000"], *columns) == ("point", None, "X", 10.2, 20.0, False, True)


def test_couriers_are_those_who_carried_something_by_as_of(delivery_shop):
    couriers = delivery_shop.by("gold.dim_courier", "courier_id")
    columns = ("rating_band", "delivery_count", "first_delivery_date", "last_delivery_date")
    assert picked(couriers["XRES1DEL01"], *columns) == ("4.8 or more", 3, dt.date(2024, 1, 1), dt.date(2024, 1, 10))
    # the delivery of 04-01 lies after as_of
    assert picked(couriers["XRES3DEL03"], *columns) == (None, 2, dt.date(2024, 1, 9), dt.date(2024, 2, 1))
    assert len(couriers) == 3


def test_minutes_of_the_day_have_their_part(delivery_shop):
    minutes = delivery_shop.by("gold.dim_time", "minute_of_day")
    assert sorted(minutes) == list(range(1440))
    parts = {minute: minutes[minute]["day_part"] for minute in (0, 299, 300, 659, 660, 840, 1020, 1259, 1260, 1439)}
    assert list(parts.values()) == [
        *("Night", "Night", "Morning", "Morning", "Midday", "Afternoon", "Evening", "Evening"),
        *("Late evening", "Late evening"),
    ]
    assert picked(minutes[1195], "hour_of_day", "minute_of_hour") == (19, 55)
