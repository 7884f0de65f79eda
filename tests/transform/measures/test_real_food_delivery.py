"""The public food delivery files as they are, against counts taken straight from the CSV files."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import asin, cos, radians, sin, sqrt

import pytest

from patron.pipeline.check.check import check
from patron.pipeline.run import run
from shops.building import picked
from transform.measures.real_shops import built_on, real_folder

WHO = "Age,Gender,Marital Status,Occupation,Monthly Income,Educational Qualifications,Family size,latitude,longitude"
NO_WORDS = {"", "-", "nil", "nill", "no", "n0", "none", "na", "no comments!", "560075"}
"""What stands for nothing in these files: written out by somebody who read all 388."""


@pytest.fixture(scope="module")
def folder(real_data):
    return real_folder(real_data, "food_delivery")


@pytest.fixture(scope="module")
def shop(folder, tmp_path_factory):
    return built_on(folder, "food_delivery", tmp_path_factory.mktemp("real"))


@pytest.fixture(scope="module")
def rows(folder):
    """The deliveries without the blanks after words; None for what is not known."""
    plain = ({name: text.strip() for name, text in row.items()} for row in table(folder / "test.csv"))
    return [{name: None if text == "NaN" else text for name, text in row.items()} for row in plain]


@pytest.fixture(scope="module")
def answers(folder):
    return table(folder / "onlinedeliverydata.csv")


def table(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def person(row):
    return tuple(row[name].strip() for name in [*WHO.split(","), "Pin code"])


def day(row):
    return datetime.strptime(row["Order_Date"], "%d-%m-%Y").date()


def test_every_row_is_accounted_for(shop, rows, answers):
    accounts = shop.by("quarantine.row_accounting", "source_name", "entity")
    counts = ("row_count", "silver_count", "duplicate_count", "filtered_count", "quarantined_count")
    for entity in ("orders", "order_lines", "deliveries"):
        assert picked(accounts["deliveries", entity], *counts) == (len(rows), 11_399, 0, 0, 0)
    couriers = {row["Delivery_person_ID"] for row in rows}
    assert len(couriers) == 1297
    assert picked(accounts["deliveries", "staff"], *counts) == (len(rows), 1297, len(rows) - 1297, 0, 0)
    placed = [row for row in rows if float(row["Restaurant_latitude"]) != 0]
    stores = {row["Delivery_person_ID"].partition("DEL")[0] for row in placed}
    found = picked(accounts["deliveries", "stores"], *counts)
    assert found == (11_399, len(stores), len(placed) - len(stores), len(rows) - len(placed), 0)
    people = {person(row) for row in answers}
    assert picked(accounts["survey", "customers"], *counts) == (388, len(people), 388 - len(people), 0, 0)
    assert (len(people), len(stores), len(rows) - len(placed)) == (279, 390, 870)
    assert not check(shop.project).failed


def test_no_other_file_is_read(shop):
    """Kafka messages lie in the same folder, as Parquet."""
    assert len(shop.query("select distinct source_name from quarantine.row_accounting")) == 2
    assert {path.name for path in (shop.folder / "assumptions").iterdir()} == {"order_slots.csv", "review_dates.csv"}
    assert shop.report.as_dict()["rows_landed"] == 11_399 + 388 + 4096 + 279


def test_every_order_has_its_slots_customer_and_amount(shop, rows):
    slots = {row["slot"]: row for row in table(shop.folder / "assumptions" / "order_slots.csv")}
    expected = {}
    for row in rows:
        slot = slots[row["ID"].removeprefix("0x").zfill(3)[-3:]]
        expected[row["ID"]] = slot["customer_id"], Decimal(slot["order_amount"])
    orders = shop.by("gold.fct_orders", "order_id")
    assert {order: picked(row, "customer_id", "order_amount") for order, row in orders.items()} == expected
    assert shop.rows("gold.kpi_overall")[-1]["net_amount"] == sum(amount for _, amount in expected.values())
    assert {who for who, _ in expected.values()} <= {row["customer_id"] for row in shop.rows("gold.dim_customer")}
    known = {order for order, row in orders.items() if row["assumed"] == "customer_id, order_amount"}
    assert known == {row["ID"] for row in rows if row["Time_Orderd"]}
    assert {orders[order]["assumed"] for order in orders.keys() - known} == {"customer_id, order_amount, ordered_at"}
    assert len(orders) - len(known) == 444


def test_times_places_and_words(shop, rows):
    found = shop.by("silver.deliveries", "delivery_id")
    orders = shop.by("gold.fct_orders", "order_id")
    past_midnight = 0
    for row in rows:
        at = datetime.fromisoformat(f"{day(row)} {row['Time_Orderd'] or row['Time_Order_picked']}")
        picked_up = datetime.fromisoformat(f"{day(row)} {row['Time_Order_picked']}")
        if row["Time_Orderd"] and picked_up < at:
            past_midnight, picked_up = past_midnight + 1, picked_up + timedelta(days=1)
        delivery = found[row["ID"]]
        assert picked(delivery, "ordered_at", "picked_up_at") == (at, picked_up if row["Time_Orderd"] else None)
        weather = row["Weatherconditions"].removeprefix("conditions ")
        assert picked(delivery, "weather", "traffic", "vehicle", "order_type", "city_type", "staff_id") == (
            None if weather == "NaN" else weather,
            *picked(row, "Road_traffic_density", "Type_of_vehicle", "Type_of_order", "City", "Delivery_person_ID"),
        )
        assert orders[row["ID"]]["distance_km"] == kilometres(row)
    assert past_midnight == 202


def kilometres(row):
    """Great-circle distance; restaurants of India whose coordinates are negative are there without the sign."""
    names = "Restaurant_latitude Restaurant_longitude Delivery_location_latitude Delivery_location_longitude".split()
    lat, lon, to_lat, to_lon = (radians(abs(float(row[name]))) for name in names)
    if lat == 0:
        return None
    half = sin((to_lat - lat) / 2) ** 2 + cos(lat) * cos(to_lat) * sin((to_lon - lon) / 2) ** 2
    return pytest.approx(2 * 6371.0088 * asin(sqrt(half)), abs=0.01)


def test_couriers_and_restaurants_once_each(shop, rows):
    deliveries = Counter(row["Delivery_person_ID"] for row in rows)
    couriers = shop.by("gold.dim_courier", "courier_id")
    assert {courier: row["delivery_count"] for courier, row in couriers.items()} == deliveries
    stores = {row["store_id"] for row in shop.rows("gold.dim_location") if row["location_kind"] == "store"}
    assert stores == {re.fullmatch(r"([A-Z]+RES\d+)DEL\d+", courier)[1] for courier in deliveries}
    assert len(stores) == 440


def test_who_answered_twice_is_taken_at_the_later_word(shop, answers):
    latest = {person(row): row for row in answers}
    kept = Counter(
        (row["age_years"], row["gender"], *picked(attributes(row), "Maximum wait time", "Perference(P2)", "Pin code"))
        for row in shop.rows("silver.customers")
    )
    names = ("Maximum wait time", "Perference(P2)")
    assert kept == Counter(
        (int(row["Age"]), row["Gender"], *(row[name].strip() for name in names), None) for row in latest.values()
    )
    assert sum(len({tuple(row.values()) for row in answers if person(row) == who}) > 1 for who in latest) == 7


def attributes(row):
    return defaultdict(lambda: None, json.loads(row["attributes"]))


def test_reviews_are_the_words_of_who_wrote_some(shop, answers):
    written = {(person(row), row["Reviews"].strip()) for row in answers}
    expected = Counter(text for _, text in written if text.lower() not in NO_WORDS)
    reviews = shop.rows("gold.review_sentiment")
    assert Counter(row["review_text"] for row in reviews) == expected
    assert expected.total() == 173
    assert sum("\n" in text for text in expected) == 1
    assert sum(row["Reviews"].strip().lower() in NO_WORDS for row in answers) == 156
    assert {row["assumed"] for row in reviews} == {"reviewed_at"}
    assert {row["sentiment"] for row in reviews} == {"positive", "neutral", "negative"}


def test_churn_by_week_follows_the_calendar(shop, rows):
    """Also through the ten days on which the file has no delivery."""
    customers = {row["order_id"]: row["customer_id"] for row in shop.rows("gold.fct_orders")}
    weeks = defaultdict(set)
    for row in rows:
        weeks[day(row) - timedelta(days=day(row).weekday())].add(customers[row["ID"]])
    for row in shop.rows("gold.churn_by_period"):
        if row["period_kind"] == "week":
            week = row["period_start_date"]
            before, now = weeks.get(week - timedelta(days=7), set()), weeks.get(week, set())
            assert picked(row, "previous_customer_count", "lost_customer_count") == (len(before), len(before - now))
    days = {day(row) for row in rows}
    assert not days & {date(2022, 2, 19) + timedelta(days=n) for n in range(10)}
    assert (min(days), max(days), len(days)) == (date(2022, 2, 11), date(2022, 4, 6), 44)


def test_a_second_run_lands_nothing(shop):
    again = run(shop.project)
    assert (again.as_dict()["rows_landed"], again.is_new) == (0, False)
