"""The gamma-gamma model: published results, parameters found again, and the test of its assumption."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.stats import chi2

from patron.predict import GammaGamma
from patron.predict.errors import HistoryError, NotIdentifiableError, ParameterError
from patron.predict.models.lifetime_value import spend_frequency_correlation
from patron.predict.verify import cdnow
from patron.simulate import histories

TRUTH = {"p": 6.25, "q": 3.74, "gamma": 15.44}


def drawn(n, seed, truth=TRUTH):
    rng = np.random.default_rng(seed)
    orders = rng.integers(0, 8, n).astype(float)
    return orders, histories.mean_values(truth, orders, rng)


def test_the_published_figures_of_cdnow(real_data):
    sample = cdnow.read_sample(real_data / "cdnow")
    repeaters = sample.frequency > 0
    assert repeaters.sum() == 946
    model = GammaGamma().fit(sample.frequency[repeaters], sample.mean_value[repeaters])
    assert [float(f"{value:.3g}") for value in model.params_.values()] == [6.25, 3.74, 15.4]
    assert model.log_likelihood_ == pytest.approx(-4055.92, abs=0.01)
    assert model.convergence_.all_agree
    found = spend_frequency_correlation(sample.frequency[repeaters], sample.mean_value[repeaters])
    assert 0 < found.correlation < 0.2


def test_parameters_are_found_again():
    squares = []
    for seed in range(10):
        model = GammaGamma().fit(*drawn(5000, seed))
        off = np.log(list(model.params_.values())) - np.log(list(TRUTH.values()))
        squares.append(off @ np.linalg.solve(model.covariance_log_, off))
    assert chi2.ppf(1e-4, 30) < sum(squares) < chi2.ppf(1 - 1e-4, 30)


def test_expected_spend_lies_between_the_customers_mean_and_everybodys():
    model = GammaGamma.from_params(TRUTH)
    everybody = 6.25 * 15.44 / 2.74
    assert model.population_mean == pytest.approx(everybody)
    by_orders = model.expected_spend([0, 1, 5, 50, 10**6], 100.0)
    assert by_orders[0] == pytest.approx(everybody)
    assert (np.diff(by_orders) > 0).all()
    assert by_orders[-1] == pytest.approx(100, rel=1e-4)
    share = 6.25 * 5 / (6.25 * 5 + 2.74)
    assert by_orders[2] == pytest.approx(share * 100 + (1 - share) * everybody)
    assert model.expected_spend(0, [0, -5, 1e9]) == pytest.approx(everybody)


def test_spend_drawn_has_the_mean_that_is_expected():
    model, n = GammaGamma.from_params(TRUTH), 200_000
    drawn_means = model.simulate(np.full(n, 3), 50.0, np.random.default_rng(1))
    error = drawn_means.std() / np.sqrt(n)
    assert abs(drawn_means.mean() - model.expected_spend(3, 50.0)) < 4.5 * error


def test_weights_bins_and_currency():
    orders, means = drawn(30_000, 3)
    exact, binned = GammaGamma().fit(orders, means), GammaGamma(exact=False).fit(orders, means)
    for name, error in exact.standard_errors_.items():
        assert abs(exact.params_[name] - binned.params_[name]) < 0.05 * error
    some = slice(0, 200)
    twice = GammaGamma().fit(np.repeat(orders[some], 2), np.repeat(means[some], 2))
    weighted = GammaGamma().fit(orders[some], means[some], np.full(200, 2))
    assert weighted.params_ == pytest.approx(twice.params_, rel=1e-6)
    pence = GammaGamma().fit(orders, means * 100)
    assert pence.params_ == pytest.approx({**exact.params_, "gamma": exact.params_["gamma"] * 100}, rel=1e-5)
    again = GammaGamma.from_dict(json.loads(json.dumps(exact.to_dict(), allow_nan=False)))
    assert again.to_dict() == exact.to_dict()


@pytest.mark.parametrize(
    ("orders", "means", "error", "what"),
    [
        ([1, 2], [10, -3], HistoryError, "not an amount above 0"),
        ([1, 2], [10, 0], HistoryError, "not an amount above 0"),
        ([1, 2], [10, np.nan], HistoryError, "not an amount above 0"),
        ([-1, 2], [10, 5], HistoryError, "below 0"),
        ([], [], HistoryError, "no customers"),
        ([0, 0], [0, 0], NotIdentifiableError, "0 customers"),
        ([1, 2], [5, 5], NotIdentifiableError, "1 different"),
        ([1, 1], [5, 6], NotIdentifiableError, "one order"),
    ],
)
def test_what_is_no_spending_is_refused(orders, means, error, what):
    with pytest.raises(error, match=what):
        GammaGamma().fit(orders, means)


def test_no_mean_of_all_where_there_is_none():
    model = GammaGamma.from_params({"p": 2.0, "q": 0.8, "gamma": 5.0})
    assert np.isfinite(model.expected_spend(2, 10))
    with pytest.raises(NotIdentifiableError, match="is not finite"):
        model.expected_spend(0, 10)
    with pytest.raises(ParameterError):
        GammaGamma.from_params({"p": 1, "q": 1})


@pytest.mark.filterwarnings("error")
def test_uninformative_spend_is_refused():
    rng = np.random.default_rng(5)
    model = GammaGamma().fit(np.full(500, 4), rng.gamma(20, 2.0, 500))
    assert np.isfinite(model.covariance_log_).all()
    assert model.convergence_.at_edge
    assert np.isfinite(model.expected_spend([0, 4], [0, 40])).all()


def test_independence_is_found_where_it_is_and_missed_where_it_is_not():
    misses = 0
    for seed in range(40):
        orders, means = drawn(2000, seed)
        found = spend_frequency_correlation(orders, means)
        misses += not found.low < 0 < found.high
        assert found.holds
    assert misses <= 8
    orders, means = drawn(2000, 1)
    dependent = spend_frequency_correlation(orders, means * (1 + orders / 4))
    assert (dependent.holds, dependent.correlation > 0.1, dependent.p_value < 1e-3) == (False, True, True)
    assert "too low" in dependent.statement
    some = orders > 0
    doubled = spend_frequency_correlation(orders[some], means[some], np.full(some.sum(), 2.0))
    assert doubled.correlation == pytest.approx(spend_frequency_correlation(orders, means).correlation)
    assert "Too few" in spend_frequency_correlation([1, 2, 3], [4, 5, 4]).statement
