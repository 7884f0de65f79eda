"""Spend that trends: found where it is, with its size; not found where there is none; and told in a run."""

from __future__ import annotations

import datetime as dt
import json
import random

import numpy as np
import pytest
from scipy.stats import binom

from patron.predict import spend_trend
from patron.predict.clv.trend import describe_trend
from patron.predict.errors import HistoryError, NotIdentifiableError
from patron.predict.models.spend_trend import SpendTrend
from shops.building import BuiltShop, write_project


def purchases(seed, customers=400, per_year=0.0, per_doubling=0.0):
    """Purchases of customers who each have a mean of their own, and buy at rates of their own for up to 3 years."""
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(customers), rng.geometric(0.25, customers))
    at = np.sort(rng.uniform(0, 3 * 365 / 7, len(who)) + 1000 * who) % 1000
    number = np.arange(len(who)) - np.searchsorted(who, who) + 1
    mean = rng.gamma(5, 8, customers)[who] * np.exp(per_year * at * 7 / 365 + per_doubling * np.log2(number))
    return who, at, mean * rng.gamma(3, 1 / 3, len(who))


def test_the_slope_is_that_of_a_regression_with_a_level_for_each_customer():
    who, at, value = purchases(1, customers=40)
    design = np.column_stack([at * 7 / 365, *(who == one for one in range(40))])
    slope = np.linalg.lstsq(design, np.log(value), rcond=None)[0][0]
    number = np.log2(np.arange(len(who)) - np.searchsorted(who, who) + 1)
    other = np.linalg.lstsq(np.column_stack([number, design[:, 1:]]), np.log(value), rcond=None)[0][0]
    found = spend_trend(who, at, value)
    assert found.change == pytest.approx(np.expm1({"year": slope, "doubling": other}[found.per]))
    assert found.customers == sum(np.bincount(who) > 1)


@pytest.mark.parametrize(("effects", "per", "truth"), [
    ({"per_year": 0.2}, "year", np.expm1(0.2)),
    ({"per_year": -0.2}, "year", np.expm1(-0.2)),
    ({"per_doubling": 0.15}, "doubling", np.expm1(0.15)),
])  # fmt: skip
def test_a_trend_is_found_with_its_direction_and_size(effects, per, truth):
    found = spend_trend(*purchases(2, customers=1500, **effects))
    assert (found.per, found.is_clear) == (per, True)
    assert found.low < truth < found.high
    assert ("rises" in found.statement) == (truth > 0)
    assert f"{abs(found.change):.0%}" in found.statement
    assert ("too low" in found.statement) == (truth > 0)


def test_the_interval_covers_the_truth_at_the_nominal_rate():
    hits = 0
    for seed in range(300):
        found = spend_trend(*purchases(seed, customers=300, per_year=0.25))
        hits += found.per == "year" and found.low < np.expm1(0.25) < found.high
    assert binom.ppf(5e-5, 300, 0.93) <= hits <= 300


def test_where_spend_is_constant_hardly_any_shop_is_told_otherwise():
    clear = sum(spend_trend(*purchases(seed)).is_clear for seed in range(400))
    assert clear <= binom.ppf(1 - 1e-4, 400, 0.01)


def test_a_small_trend_is_not_told_however_many_customers_show_it():
    found = spend_trend(*purchases(3, customers=40_000, per_year=0.02))
    assert found.p_value < 1e-3
    assert not found.is_clear
    assert found.statement.startswith("No clear trend")


def test_neither_the_order_of_rows_nor_the_unit_matters():
    who, at, value = purchases(4)
    mixed = np.random.default_rng(1).permutation(len(who))
    found, other = spend_trend(who, at, value), spend_trend(who[mixed], at[mixed] * 7, value[mixed] * 100, year=365)
    assert other.per == found.per
    assert (other.change, other.p_value) == pytest.approx((found.change, found.p_value))


def test_what_is_wrong_is_said():
    with pytest.raises(HistoryError, match="do not match"):
        spend_trend([1, 2], [1.0], [1.0])
    with pytest.raises(HistoryError, match="not an amount above 0"):
        spend_trend([1, 1], [1.0, 2.0], [1.0, 0.0])
    with pytest.raises(NotIdentifiableError, match="No customer"):
        spend_trend([1, 2], [1.0, 2.0], [1.0, 3.0])


START, DAYS = dt.date(2021, 1, 1), 1000


def test_in_less_than_two_years_a_trend_may_be_the_season(monkeypatch):
    for per, days, is_said in (("year", 373, True), ("year", 730, False), ("doubling", 373, False)):
        found = SpendTrend(per, 0.12, 0.07, 0.18, 1e-5, 2768)
        monkeypatch.setattr("patron.predict.clv.trend.query_trend", lambda *_, found=found: found)
        assert ("it may be the season" in describe_trend(None, 4000, days)) == is_said


def build_shop(folder, growth: float) -> BuiltShop:
    """A shop of 600 customers, whose spend is e^growth times as much each year."""
    draw, lines = random.Random(3), []
    for customer in range(600):
        at, mean, number = draw.uniform(0, 500), draw.gammavariate(4, 10), 0
        while at < DAYS:
            day = int(at)
            amount = round(mean * draw.gammavariate(3, 1 / 3) * 2.718281828 ** (growth * day / 365) + 0.01, 2)
            shared = {"order": f"{customer}-{number}", "customer": f"c{customer}", "sku": "tea"}
            lines.append(shared | {"at": START + dt.timedelta(days=day), "amount": amount, "pieces": 1})
            if draw.random() < 0.15:
                break
            at, number = at + 1 + draw.expovariate(1 / 60), number + 1
    columns = {"order_id": "order", "customer_id": "customer", "ordered_at": "at", "product_id": "sku"}
    columns |= {"quantity": "pieces", "unit_price": "amount"}
    settings = {
        "shop": {"name": "Tea", "currency": "GBP", "timezone": "UTC"},
        "as_of": str(START + dt.timedelta(days=DAYS)),
        "predictions": {
            "purchases": {"model": "mbg_nbd"},
            "evaluation": {"least_history_days": 3000},
            "churn": {"enabled": False},
        },
        "sources": {"till": {"files": "*.csv", "entities": {"order_lines": {"columns": columns}}}},
    }
    shop = BuiltShop(write_project(folder, settings, {"lines.csv": lines}))
    shop.run()
    return shop


@pytest.mark.parametrize("growth", [0.0, 0.3])
def test_a_run_tells_a_trend_with_direction_and_size(tmp_path, growth):
    shop = build_shop(tmp_path, growth)
    caution = shop.by("gold.prediction_status", "prediction")["purchases"]["cautions"]
    assert ("spend on a purchase rises by" in caution) == (growth > 0)
    days = [row for row in shop.rows("measures.customer_days") if row["sale_line_count"]]
    found = spend_trend(
        [row["customer_id"] for row in days],
        [(row["activity_date"] - START).days for row in days],
        [float(row["gross_amount"] + row["discount_amount"]) for row in days],
        year=365,
    )
    assert found.is_clear == (growth > 0)
    assert not growth or found.statement in caution
    stored = json.loads((shop.folder / ".patron/models/purchases.json").read_text())["content"]
    assert stored["spend_trend"] == (found.statement if growth else "")
