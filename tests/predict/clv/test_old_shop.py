"""A shop five years old with one year of receipts: what a new customer is worth, and which cohorts are of new ones."""

from __future__ import annotations

import datetime as dt

import pytest
from benchmarks.forecasts.old_shops import OLD_KINDS, START, compute_truth, draw_old_shop

from shops.building import BuiltShop, write_project

KIND = next(kind for kind in OLD_KINDS if kind.name == "Pareto/NBD")
AS_OF = START + dt.timedelta(days=364)


@pytest.fixture(scope="module")
def shop(tmp_path_factory) -> BuiltShop:
    columns = {"order_id": "order", "customer_id": "customer", "ordered_at": "at", "unit_price": "amount"}
    columns |= {"product_id": {"expression": "'tea'"}, "quantity": {"expression": "1"}}
    settings = {
        "shop": {"name": "Tea", "currency": "GBP", "timezone": "UTC"},
        "as_of": str(AS_OF),
        "predictions": {"churn": {"enabled": False}, "evaluation": {"origins": 1}},
        "sources": {"till": {"files": "*.csv", "entities": {"order_lines": {"columns": columns}}}},
    }
    lines = {"lines.csv": draw_old_shop(KIND, 1).to_lines()}
    built = BuiltShop(write_project(tmp_path_factory.mktemp("old"), settings, lines))
    built.run()
    return built


def test_a_new_customer_is_expected_to_buy_as_new_ones_do(shop) -> None:
    (row,) = shop.query("select * from gold.new_customer_value where acquired_through = 'everyone'")
    assert row["expected_purchases_365d"] == pytest.approx(compute_truth(KIND), rel=0.1)
    first_seen = len(shop.rows("measures.customer_measures"))
    assert row["customer_count"] < first_seen / 2


def test_months_of_the_wash_out_have_no_new_customers(shop) -> None:
    (wash_out,) = shop.rows("measures.wash_out")
    since = wash_out["new_since_date"]
    assert START + dt.timedelta(days=60) <= since <= START + dt.timedelta(days=183)
    rows = shop.query("select * from gold.new_customer_value where acquired_through = 'month'")
    for row in rows:
        is_early = dt.date.fromisoformat(f"{row['acquired_by']}-01") < since
        assert ("not all new" in (row["what_is_missing"] or "")) == is_early


def test_cohorts_of_the_wash_out_are_not_new(shop) -> None:
    (wash_out,) = shop.rows("measures.wash_out")
    for table in ("cohort_retention", "survival_by_cohort", "cohort_retention_pivoted"):
        rows = shop.rows(f"gold.{table}")
        assert {row["cohort_month_date"] >= wash_out["new_since_date"] for row in rows} == {True, False}
        assert all(row["is_new"] == (row["cohort_month_date"] >= wash_out["new_since_date"]) for row in rows)


def test_the_run_names_the_day(shop) -> None:
    (row,) = shop.query("select cautions from gold.prediction_status where prediction = 'purchases'")
    (wash_out,) = shop.rows("measures.wash_out")
    assert f"Customers first seen before {wash_out['new_since_date']} are not counted as new" in row["cautions"]
