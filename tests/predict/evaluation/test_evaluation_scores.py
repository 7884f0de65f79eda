"""Scores worked out by hand, and the rule that chooses a model."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patron.predict.evaluation.choice import Record, choose
from patron.predict.evaluation.data_requirements import describe_short_history, find_origins
from patron.predict.evaluation.metrics import (
    bin_by_forecast,
    compute_brier,
    compute_calibration_error,
    compute_deviance,
    compute_error_share,
    compute_gini,
    compute_log_loss,
    compute_rmse,
    compute_total_ratio,
)
from patron.project.settings.predictions import Evaluation


def ones(count: int) -> np.ndarray:
    return np.ones(count)


def test_the_gini_of_three_customers_by_hand():
    """One of three buys, 3 times. Found first: 2/3 of the area is 1; found second: 0; found last: -1."""
    actual = np.array([3.0, 0.0, 0.0])
    for predicted, expected in (([3, 2, 1], 1.0), ([2, 3, 1], 0.0), ([1, 2, 3], -1.0), ([1, 1, 1], 0.0)):
        assert compute_gini(np.array(predicted, dtype=float), actual, ones(3)) == pytest.approx(expected)


def test_equal_forecasts_share_what_was_bought():
    """The upper half bought 2 of 3: areas 1/6, and 7/12 for the perfect order."""
    predicted, actual = np.array([1.0, 1.0, 0.0, 0.0]), np.array([2.0, 0.0, 1.0, 0.0])
    assert compute_gini(predicted, actual, ones(4)) == pytest.approx(2 / 7)
    assert compute_gini(predicted, actual[[1, 0, 3, 2]], ones(4)) == pytest.approx(2 / 7)


def test_root_mean_square_and_ratio_count_customers():
    predicted, actual, weights = np.array([1.0, 2.0]), np.array([0.0, 4.0]), np.array([3.0, 1.0])
    assert compute_rmse(predicted, actual, weights) == pytest.approx(np.sqrt((3 * 1 + 4) / 4))
    assert compute_total_ratio(predicted, actual, weights) == 5 / 4
    assert compute_total_ratio(predicted, np.zeros(2), weights) is None


def test_bins_are_tenths_of_the_customers():
    predicted = np.arange(100) / 10
    bins = bin_by_forecast(predicted, predicted + 1, ones(100))
    assert [one.number for one in bins] == list(range(1, 11))
    assert [one.customer_count for one in bins] == [10] * 10
    assert bins[0].predicted == pytest.approx(0.45) and bins[0].actual == pytest.approx(1.45)
    assert compute_calibration_error(bins) == pytest.approx(1 / (predicted.mean() + 1))


def test_equal_forecasts_are_one_bin():
    bins = bin_by_forecast(np.zeros(50), np.arange(50.0), ones(50))
    assert [(one.customer_count, one.predicted, one.actual) for one in bins] == [(50, 0, 24.5)]


values = st.lists(st.tuples(st.floats(0, 50), st.integers(0, 20), st.integers(1, 9)), min_size=1, max_size=40)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(values)
def test_weights_are_customers(rows):
    """A cell of three customers is three cells of one."""
    predicted, actual, weights = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    apart = [np.repeat(column, weights.astype(int)) for column in (predicted, actual)]
    single = ones(len(apart[0]))
    assert compute_rmse(predicted, actual, weights) == pytest.approx(compute_rmse(*apart, single))
    gini = compute_gini(predicted, actual, weights)
    assert gini == pytest.approx(compute_gini(*apart, single), abs=1e-9)
    assert -1 - 1e-9 <= gini <= 1 + 1e-9
    bins, of_single = (bin_by_forecast(*one) for one in ((predicted, actual, weights), (*apart, single)))
    assert [one.customer_count for one in bins] == [one.customer_count for one in of_single]


MODELS, BASELINES = ["MBG/CNBD-k", "MBG/NBD", "Pareto/NBD", "BG/NBD"], ["past rate continues"]


def record(deviance: float, gini: float, count: int = 3, log_ratio: float = 0.3) -> Record:
    return Record(log_ratio, gini, deviance, count)


@pytest.mark.parametrize(
    ("records", "chosen"),
    [
        ({"MBG/NBD": record(1.004, 0.5), "Pareto/NBD": record(1.002, 0.5), "BG/NBD": record(1.0, 0.5)}, "MBG/NBD"),
        ({"MBG/NBD": record(1.02, 0.5), "Pareto/NBD": record(1.002, 0.5), "BG/NBD": record(1.0, 0.5)}, "Pareto/NBD"),
        ({"MBG/NBD": record(1.0, 0.5), "Pareto/NBD": record(1.002, 0.5, log_ratio=0.25)}, "Pareto/NBD"),
        ({"MBG/NBD": record(1.0, 0.5), "Pareto/NBD": record(1.002, 0.5, log_ratio=0.29)}, "MBG/NBD"),
        ({"MBG/NBD": record(0.9, 0.4), "Pareto/NBD": record(1.0, 0.5)}, "Pareto/NBD"),
        ({"MBG/NBD": record(0.9, 0.5, 2), "BG/NBD": record(1.2, 0.5)}, "BG/NBD"),
        ({"MBG/CNBD-k": record(1.003, 0.5), "MBG/NBD": record(1.0, 0.5)}, "MBG/CNBD-k"),
        ({"MBG/CNBD-k": record(1.02, 0.5), "MBG/NBD": record(1.0, 0.5)}, "MBG/NBD"),
        ({"MBG/CNBD-k": record(0.9, 0.5, 2), "MBG/NBD": record(1.0, 0.5)}, "MBG/NBD"),
        ({"past rate continues": record(0.0, 0.9)}, None),
        ({}, None),
    ],
)
def test_the_default_model(records, chosen):
    assert choose(records, MODELS, BASELINES).model == chosen


def test_a_model_that_loses_to_a_baseline_is_reported():
    records = {"MBG/NBD": record(1.0, 0.4), "past rate continues": record(2.0, 0.5, log_ratio=0.1)}
    found = choose(records, MODELS, BASELINES)
    assert found.beats == {"past rate continues": False}
    assert found.why == (
        "MBG/NBD: over 3 origins its total was off by a factor of 1.35, Gini 0.40; no better than: past rate continues"
    )


def test_origins_lie_a_horizon_apart_and_need_history():
    year = (dt.date(2023, 1, 1), dt.date(2024, 1, 1))
    assert find_origins(*year, Evaluation()) == [dt.date(2023, 4, 6), dt.date(2023, 7, 5), dt.date(2023, 10, 3)]
    assert find_origins(*year, Evaluation(horizon_days=300)) == []
    assert describe_short_history(*year, Evaluation(horizon_days=300)) == (
        "365 days of purchases (390 needed: 90 to fit on and 300 to test on)"
    )


def test_the_deviance_is_least_at_the_true_mean_and_falls_to_nothing() -> None:
    """2 (3 ln(3 / 2) - 3 + 2) and 2 x 2, by hand; and proper: no other forecast of Poisson counts does better."""
    actual, weights = np.array([3.0, 0.0]), np.array([1.0, 3.0])
    by_hand = (2 * (3 * np.log(1.5) - 1) + 3 * 4) / 4
    assert compute_deviance(np.array([2.0, 2.0]), actual, weights) == pytest.approx(by_hand)
    assert compute_deviance(actual, actual, weights) == pytest.approx(0, abs=1e-12)
    rng = np.random.default_rng(2)
    mean = rng.gamma(1.0, 1.0, 20_000)
    counts = rng.poisson(mean).astype(float)
    at = {by: compute_deviance(mean * by, counts, np.ones(20_000)) for by in (0.8, 1.0, 1.25)}
    assert at[1.0] < min(at[0.8], at[1.25])


def test_brier_score_and_log_loss_by_hand() -> None:
    chance, bought, weights = np.array([0.8, 0.3]), np.array([1.0, 0.0]), np.array([1.0, 3.0])
    assert compute_brier(chance, bought, weights) == pytest.approx((0.04 + 3 * 0.09) / 4)
    assert compute_log_loss(chance, bought, weights) == pytest.approx(-(np.log(0.8) + 3 * np.log(0.7)) / 4)
    assert compute_error_share(np.array([1.0, 2.0]), np.array([2.0, 2.0]), weights) == pytest.approx(1 / 8)
    assert compute_error_share(np.array([1.0, 2.0]), np.array([0.0, 0.0]), weights) is None
