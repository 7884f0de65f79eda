"""A shop before its peak, run as an owner runs it: expected purchases follow the season, and the run says so."""

from __future__ import annotations

import datetime as dt

import pytest
from benchmarks.forecasts.shops import KINDS, simulate

from shops.building import BuiltShop, write_project

BEFORE_THE_PEAK = next(kind for kind in KINDS if kind.name == "before the peak")
CUSTOMERS, AHEAD_DAYS = 900, 90


@pytest.fixture(scope="module")
def purchases() -> list[dict]:
    rows = simulate(BEFORE_THE_PEAK, 0).to_pylist()
    return [row for row in rows if int(row["customer_id"]) < CUSTOMERS]


@pytest.fixture(scope="module")
def as_of(purchases) -> dt.date:
    return max(row["activity_date"] for row in purchases) - dt.timedelta(days=AHEAD_DAYS)


@pytest.fixture(scope="module")
def shop(tmp_path_factory, purchases, as_of) -> BuiltShop:
    lines = [
        {"order": str(number), "customer": row["customer_id"], "at": row["activity_date"], "amount": row["net_amount"]}
        for number, row in enumerate(purchases)
        if row["activity_date"] <= as_of
    ]
    columns = {"order_id": "order", "customer_id": "customer", "ordered_at": "at", "unit_price": "amount"}
    columns |= {"product_id": {"expression": "'tea'"}, "quantity": {"expression": "1"}}
    settings = {
        "shop": {"name": "Tea", "currency": "GBP", "timezone": "UTC"},
        "as_of": str(as_of),
        "predictions": {"churn": {"enabled": False}},
        "sources": {"till": {"files": "*.csv", "entities": {"order_lines": {"columns": columns}}}},
    }
    built = BuiltShop(write_project(tmp_path_factory.mktemp("season"), settings, {"lines.csv": lines}))
    built.run()
    return built


def test_the_peak_to_come_is_in_the_expected_purchases(shop, purchases, as_of) -> None:
    known = {row["customer_id"] for row in purchases if row["activity_date"] <= as_of}
    came = {(row["customer_id"], row["activity_date"]) for row in purchases if row["activity_date"] > as_of}
    actual = sum(customer in known for customer, _ in came)
    (found,) = shop.query("select sum(expected_purchases_90d) as expected from gold.customer_clv")
    assert found["expected"] == pytest.approx(actual, rel=0.18), "an even year would expect some 60%"


def test_the_run_names_the_season(shop) -> None:
    (row,) = shop.query("select model, notes from gold.prediction_status where prediction = 'purchases'")
    assert row["model"].endswith(", seasonal")
    assert "customers buy most often in February" in row["notes"] or "most often in January" in row["notes"]
    assert "least often in August" in row["notes"] or "least often in July" in row["notes"]


def test_model_scores_has_the_forecasts_with_and_without_the_season(shop) -> None:
    rows = shop.query("select distinct model from gold.model_scores where prediction = 'purchases'")
    models = {row["model"] for row in rows}
    assert any(model.endswith(", seasonal") for model in models)
    assert any(model.endswith(", seasonal, recalibrated") for model in models)
