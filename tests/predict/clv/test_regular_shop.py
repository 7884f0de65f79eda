"""A shop of weekly, monthly and yearly buyers, all regular, whom nobody loses: who is due comes first."""

from __future__ import annotations

import datetime as dt
import json
import random

import pytest

from patron.predict import MBGNBD
from shops.building import BuiltShop, write_project

START, DAYS = dt.date(2021, 1, 1), 1095
RHYTHMS = {"weekly": (7, 80), "monthly": (30, 150), "yearly": (365, 250)}
"""Days between purchases, which vary by a tenth, and customers."""


def draw_days(draw: random.Random, gap: float) -> list[int]:
    days, at = [], draw.uniform(0, gap)
    while at < DAYS:
        days.append(int(at))
        at += max(1.0, draw.gauss(gap, gap / 10))
    return days


@pytest.fixture(scope="module")
def purchases() -> dict[str, list[int]]:
    draw = random.Random(5)
    names = ((name, gap, number) for name, (gap, count) in RHYTHMS.items() for number in range(count))
    return {f"{name}-{number:03}": draw_days(draw, gap) for name, gap, number in names}


@pytest.fixture(scope="module")
def shop(tmp_path_factory, purchases) -> BuiltShop:
    lines = [
        {"order": f"{who}-{number}", "customer": who, "at": START + dt.timedelta(days=at), "amount": 20 + number % 7}
        for who, days in purchases.items()
        for number, at in enumerate(days)
    ]
    columns = {
        "order_id": "order",
        "customer_id": "customer",
        "ordered_at": "at",
        "product_id": {"expression": "'tea'"},
    }
    columns |= {"quantity": {"expression": "1"}, "unit_price": "amount"}
    settings = {
        "shop": {"name": "Tea", "currency": "GBP", "timezone": "UTC"},
        "as_of": str(START + dt.timedelta(days=DAYS)),
        "predictions": {"evaluation": {"origins": 1}, "churn": {"enabled": False}},
        "sources": {"till": {"files": "*.csv", "entities": {"order_lines": {"columns": columns}}}},
    }
    built = BuiltShop(write_project(tmp_path_factory.mktemp("regular"), settings, {"lines.csv": lines}))
    built.run()
    return built


@pytest.fixture(scope="module")
def yearly(shop, purchases) -> tuple[list[dict], list[dict]]:
    """What is predicted of yearly buyers, of those who are due within 30 days of their rhythm, and of the others."""
    due, others = [], []
    for row in shop.rows("gold.customer_clv"):
        if row["customer_id"].startswith("yearly"):
            silent = DAYS - purchases[row["customer_id"]][-1]
            (due if 335 <= silent <= 365 else others if silent < 300 else []).append(row)
    assert min(len(due), len(others)) > 10
    return due, others


def mean(rows: list[dict], column: str) -> float:
    return sum(row[column] for row in rows) / len(rows)


def test_regularity_is_found_and_chosen_by_itself(shop):
    status = shop.by("gold.prediction_status", "prediction")["purchases"]
    assert status["model"] == "MBG/CNBD-k"
    assert "customers buy at regular intervals (k = 12)" in status["notes"]
    stored = json.loads((shop.folder / ".patron/models/purchases.json").read_text())["content"]
    assert (stored["kind"], stored["purchases"]["params"]["k"]) == ("mbg_cnbd_k", 12.0)


def test_customers_to_come_are_valued_with_the_same_regularity(shop):
    everyone = shop.by("gold.new_customer_value", "acquired_through", "acquired_by")["everyone", "everyone"]
    given = sum(365 / gap * count for gap, count in RHYTHMS.values()) / sum(count for _, count in RHYTHMS.values())
    assert everyone["expected_purchases_365d"] == pytest.approx(given, rel=0.15)


def test_who_is_due_is_likelier_to_buy_than_who_is_not(shop, yearly):
    due, others = yearly
    assert mean(due, "probability_of_purchase_30d") > 3 * mean(others, "probability_of_purchase_30d")
    assert mean(due, "expected_purchases_90d") > 2 * mean(others, "expected_purchases_90d")
    assert all(row["probability_alive"] is None for row in (*due, *others))  # nobody leaves, so it tells nothing
    assert "P(alive) is not shown" in shop.by("gold.prediction_status", "prediction")["purchases"]["cautions"]


def test_without_regularity_the_order_is_the_other_way_round(purchases):
    """What the test above would say of MBG/NBD, so that it is not true of any model."""
    histories = [(len(days) - 1, (days[-1] - days[0]) / 7, (DAYS - days[0]) / 7) for days in purchases.values()]
    model = MBGNBD().fit(*map(list, zip(*histories, strict=True)))
    due, other = model.probability_of_purchase(30 / 7, 2, [104.0, 140.0], 154.0)
    assert due <= other


def test_the_next_purchase_is_dated_by_the_rhythm(shop, purchases):
    as_of = START + dt.timedelta(days=DAYS)
    for row in shop.rows("gold.customer_clv"):
        name, days = row["customer_id"].split("-")[0], purchases[row["customer_id"]]
        low, middle, high = (row[f"predicted_next_purchase_date{end}"] for end in ("_low_80", "", "_high_80"))
        if name == "monthly":
            next_day = START + dt.timedelta(days=days[-1] + 30)
            assert as_of < low <= middle <= high
            assert abs((middle - max(next_day, as_of)).days) <= 10
    weekly = [row for row in shop.rows("gold.customer_clv") if row["customer_id"].startswith("weekly")]
    assert mean(weekly, "probability_of_3_or_more_purchases_90d") > 0.95
