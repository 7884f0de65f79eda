"""Seasons learned from simulated shops whose season is known, and what forecasts gain by them."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest
from benchmarks.forecasts.measures import Measures
from benchmarks.forecasts.shops import KINDS, simulate

from patron.predict.clv.scores import score_cells
from patron.predict.evaluation.evaluate import evaluate
from patron.predict.evaluation.seasonal import SEASONAL
from patron.predict.models.mbg_nbd import MBGNBD
from patron.predict.season.clock import Clock, Season
from patron.predict.season.estimate import Purchases, estimate_season
from patron.project.settings.predictions import Evaluation

BY_NAME = {kind.name: kind for kind in KINDS}
ONE = Evaluation(origins=1)
"""The origin has two years before it, and the last 90 days of the shop after it."""


@pytest.fixture(scope="module")
def before_the_peak():
    return evaluate(Measures(simulate(BY_NAME["before the peak"], 0)), ONE)


def ratios(evaluation) -> dict[str, float]:
    rows = evaluation.scores.to_pylist()
    return {row["model"]: row["value"] for row in rows if row["measure"] == "total_ratio"}


def test_a_peak_that_was_seen_twice_is_forecast(before_the_peak) -> None:
    plain, seasonal = (ratios(before_the_peak)[f"MBG/NBD{suffix}"] for suffix in ("", SEASONAL))
    assert before_the_peak.is_seasonal
    assert plain < 0.8
    assert seasonal == pytest.approx(1, abs=0.08)


def test_a_season_is_learned_from_the_past_alone(before_the_peak) -> None:
    """The same shop with hardly any purchases after the origin has the same forecast."""
    purchases = simulate(BY_NAME["before the peak"], 0)
    days = purchases["activity_date"].to_numpy().astype("datetime64[D]")
    is_kept = (days <= days.max() - np.timedelta64(90, "D")) | (days == days.max())
    without = evaluate(Measures(purchases.filter(pa.array(is_kept))), ONE)
    assert not without.is_seasonal
    first, second = (find_predicted(one) for one in (before_the_peak, without))
    assert first == pytest.approx(second, rel=1e-6)


def find_predicted(evaluation) -> float:
    wanted = (f"MBG/NBD{SEASONAL}", "predicted_purchases")
    return next(r["value"] for r in evaluation.scores.to_pylist() if (r["model"], r["measure"]) == wanted)


def test_an_even_year_has_no_season() -> None:
    found = evaluate(Measures(simulate(BY_NAME["as assumed"], 0)), ONE)
    assert not found.is_seasonal


def draw(rng: np.random.Generator, paces: np.ndarray, days: int, trend: float) -> Purchases:
    """Draw purchases of a known season that grow by `trend` a year, with some chance between weeks on top."""
    calendar = np.datetime64("2022-03-10") + np.arange(days)
    months = calendar.astype("datetime64[M]").astype(int) % 12
    years = (np.arange(days) - days + 1) / 365.25
    expected = np.full(days, 40.0)
    weekly = rng.gamma(100, 1 / 100, days // 7 + 1)[np.arange(days) // 7]
    actual = rng.poisson(expected * paces[months] * np.exp(trend * years) * weekly).astype(float)
    return Purchases(actual, expected, months, years)


@pytest.mark.parametrize("trend", [0.0, 0.5, -0.4])
def test_months_are_recovered_under_a_trend(trend) -> None:
    truth = np.array(Season.from_paces(1 + 0.5 * np.cos(np.arange(12) / 12 * 2 * np.pi)).paces)
    found = estimate_season(draw(np.random.default_rng(3), truth, 1000, trend))
    assert found is not None
    assert np.array(found.paces) == pytest.approx(truth, rel=0.1)


def test_months_that_hardly_differ_beyond_chance_are_drawn_towards_an_even_year() -> None:
    """A season of 2% is nothing beside weeks that differ by 10%."""
    truth = np.array(Season.from_paces(1 + 0.02 * np.cos(np.arange(12) / 12 * 2 * np.pi)).paces)
    errors = []
    for seed in range(20):
        found = estimate_season(draw(np.random.default_rng(seed), truth, 800, 0))
        errors.append(np.abs(np.array(found.paces if found else [1.0] * 12) - truth).mean())
    assert np.mean(errors) < 0.03


def test_less_than_a_year_has_no_season() -> None:
    steep = np.linspace(0.5, 1.5, 12)
    assert estimate_season(draw(np.random.default_rng(1), steep, 364, 0)) is None
    assert estimate_season(draw(np.random.default_rng(1), steep, 365, 0)) is not None


def test_cells_are_scored_in_the_time_of_the_clock() -> None:
    """Expected purchases are those of the model in warped weeks; the date of the next is where that time is reached."""
    season = Season.from_paces([1.0] * 10 + [2.0, 3.0])
    clock = Clock(dt.date(2023, 10, 31), season)
    rng = np.random.default_rng(4)
    x, age = rng.poisson(4, 500), rng.integers(20, 60, 500)
    model = MBGNBD().fit(x, np.where(x > 0, age * rng.uniform(0.3, 1, 500), 0), age)
    cells = pa.table({"repeat_count": [3], "recency_days": [200], "age_days": [250], "customer_count": [10]})
    seasonal, plain = (
        score_cells(model, cells, horizon_days=400, discount_rate=0.1, clock=one).to_pylist()[0]
        for one in (clock, None)
    )
    past = 3, clock.to_recency(200, 250), clock.to_age(250)
    assert float(past[2]) < 250 / 7
    for days in (30, 90):
        expected = model.expected_purchases(clock.to_horizon(days), *past)
        assert seasonal[f"expected_purchases_{days}d"] == pytest.approx(float(expected))
    assert seasonal["expected_purchases_30d"] > 1.4 * plain["expected_purchases_30d"]
    assert seasonal["next_purchase_days"] < plain["next_purchase_days"]
    reached = model.time_to_purchase(0.5, *past, 1e6)
    day = seasonal["next_purchase_days"]
    assert clock.to_horizon(day - 1) < reached <= clock.to_horizon(day)
