"""How far ahead customers are predicted: five times as far as the history goes back, and no further."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from patron.predict import MBGNBD
from patron.predict.clv.scores import describe_limit, score_cells

CELLS = pa.table({"repeat_count": [0, 3], "recency_days": [0, 60], "age_days": [40, 100], "customer_count": [9, 2]})
SETTINGS = {"horizon_days": 1095, "discount_rate": 0.1}


@pytest.fixture(scope="module")
def model() -> MBGNBD:
    rng = np.random.default_rng(4)
    x, age = rng.poisson(2, 500), rng.uniform(2, 14, 500)
    return MBGNBD().fit(x, np.where(x > 0, age * rng.uniform(0.3, 1, 500), 0), age)


def columns_that_are_null(scores: pa.Table) -> set[str]:
    known = {name for name in scores.column_names if not name.startswith("next_purchase")}
    return {name for name in known if scores[name].null_count == scores.num_rows}


def test_a_hundred_days_say_nothing_of_three_years(model) -> None:
    scores = score_cells(model, CELLS, history_days=100, **SETTINGS)
    null = columns_that_are_null(scores)
    assert "expected_purchases_horizon" in null and {"discounted_purchases_3y", "discounted_spends_5y_low_80"} <= null
    assert all("3y" in name or "5y" in name or name == "expected_purchases_horizon" for name in null)
    assert sum("3y" in name for name in null) == sum("5y" in name for name in null) == 5


def test_a_lifetime_ends_where_predictions_end(model) -> None:
    short, long, whole = (
        score_cells(model, CELLS, history_days=days, **SETTINGS)["discounted_purchases_residual"].to_numpy()
        for days in (73, 365, None)
    )
    one_year = score_cells(model, CELLS, **SETTINGS)["discounted_purchases_1y"].to_numpy()
    assert short == pytest.approx(one_year)
    assert (short < long).all()
    assert long == pytest.approx(whole)


@pytest.mark.parametrize(("days", "null"), [(364, True), (365, False), (366, False)])
def test_a_year_supports_five(model, days: int, null: bool) -> None:
    scores = score_cells(model, CELLS, history_days=days, **SETTINGS)
    assert ("discounted_purchases_5y" in columns_that_are_null(scores)) == null
    assert bool(describe_limit(days, 1095, 5)) == null


def test_the_limit_is_told() -> None:
    assert describe_limit(100, 1095, 5) == [
        "Nothing is predicted for more than 500 days ahead, 5 times the 100 days that customers were seen for, and "
        "lifetimes end there"
    ]
