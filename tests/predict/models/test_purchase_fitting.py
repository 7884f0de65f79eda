"""Fits: published results, parameters found again, equal data give equal answers, and what is told about it."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.stats import chi2

from patron.predict import BGBB, BGNBD, MBGNBD, ParetoNBD
from patron.predict.models import cells
from patron.predict.verify import cdnow
from predict.models.drawn_customers import LAWS, drawn

PUBLISHED = [
    (BGNBD, (0.2426, 4.4136, 0.7929, 2.4259), -9582.43, 1653.4),
    (ParetoNBD, (0.5531, 10.576, 0.6063, 11.671), -9594.98, 1665.4),
    (MBGNBD, (0.525, 6.183, 0.891, 1.614), -9582.13, 1577.1),
]


@pytest.fixture(scope="module")
def sample(real_data):
    return cdnow.read_sample(real_data / "cdnow")


@pytest.mark.parametrize(("kind", "params", "height", "ahead"), PUBLISHED)
def test_the_published_figures_of_cdnow(sample, kind, params, height, ahead):
    history = sample.frequency, sample.recency, sample.age
    model = kind().fit(*history)
    for name, value in zip(kind.parameter_names, params, strict=True):
        assert float(f"{model.params_[name]:.3g}") == float(f"{value:.3g}"), name
    assert model.log_likelihood_ == pytest.approx(height, abs=0.01)
    assert model.expected_purchases(39, *history).sum() == pytest.approx(ahead, rel=0.01)
    assert model.convergence_.all_agree
    assert not model.convergence_.at_edge


def test_the_published_cohort_of_donors():
    from patron.predict.verify.donors import DONORS

    x, last, people = np.array(DONORS).T
    assert people.sum() == 11_104
    model = BGBB().fit(x, last, np.full(22, 6), people)
    assert model.log_likelihood_ == pytest.approx(-33225.6, abs=0.05)
    assert [float(f"{value:.3f}") for value in model.params_.values()] == pytest.approx(
        [1.204, 0.750, 0.657, 2.783], abs=6e-4
    )


@pytest.mark.parametrize("kind", LAWS)
def test_parameters_are_found_again(kind):
    """In ten samples, each parameter within its 95% interval at the nominal rate (a failure is 1 in 10,000)."""
    truth = np.log(list(LAWS[kind][1].values()))
    squares, inside = [], 0
    for seed in range(10):
        model = kind().fit(*drawn(kind, 3000, seed))
        off = np.log(list(model.params_.values())) - truth
        squares.append(off @ np.linalg.solve(model.covariance_log_, off))
        inside += (np.abs(off) < 1.96 * np.sqrt(np.diag(model.covariance_log_))).sum()
    assert chi2.ppf(1e-4, 40) < sum(squares) < chi2.ppf(1 - 1e-4, 40)
    assert inside >= 30


@pytest.mark.parametrize("kind", LAWS)
def test_weights_are_repeated_rows(kind):
    x, last, now = drawn(kind, 300, 1)
    times = np.random.default_rng(2).integers(1, 5, 300)
    weighted = kind().fit(x, last, now, times)
    repeated = kind().fit(*(np.repeat(column, times) for column in (x, last, now)))
    assert weighted.log_likelihood_ == pytest.approx(repeated.log_likelihood_, rel=1e-12)
    assert weighted.customers_ == repeated.customers_ == times.sum()
    np.testing.assert_allclose(list(weighted.params_.values()), list(repeated.params_.values()), rtol=1e-6)
    np.testing.assert_allclose(weighted.covariance_log_, repeated.covariance_log_, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("kind", [BGNBD, MBGNBD, ParetoNBD])
@pytest.mark.parametrize("unit", [1e-9, 1 / 7, 365.0, 1e9])
def test_the_unit_of_time_changes_nothing_else(kind, unit):
    x, last, now = drawn(kind, 1000, 3)
    weeks, other = kind().fit(x, last, now), kind().fit(x, last * unit, now * unit)
    for name in kind.parameter_names:
        assert other.params_[name] / (unit if name in kind.times else 1) == pytest.approx(weeks.params_[name], rel=1e-5)
    assert other.log_likelihood_ == pytest.approx(weeks.log_likelihood_ - x.sum() * np.log(unit), rel=1e-10)
    np.testing.assert_allclose(
        other.expected_purchases(10 * unit, x, last * unit, now * unit),
        weeks.expected_purchases(10, x, last, now),
        rtol=1e-5,
    )


@pytest.mark.parametrize("kind", [BGNBD, MBGNBD, ParetoNBD])
def test_bins_are_a_start_and_hardly_more_than_a_rounding(kind):
    x, last, now = drawn(kind, 100_000, 4)
    last, now = np.floor(last * 7) / 7, np.ceil(now * 7) / 7
    exact, binned = kind().fit(x, last, now), kind(exact=False).fit(x, last, now)
    assert (exact.convergence_.exact, binned.convergence_.exact) == (True, False)
    for name, error in exact.standard_errors_.items():
        assert abs(exact.params_[name] - binned.params_[name]) < 0.05 * error
    assert kind(exact=True).fit(x[:2000], last[:2000], now[:2000]).convergence_.exact


def test_what_exact_ends_at_is_where_the_gradient_vanishes():
    x, last, now = drawn(MBGNBD, 20_000, 5)
    model = MBGNBD().fit(x, last, now)
    at = model._likelihood(cells.group_equal(histories_of(x, last, now)))(np.log(model._values()))
    length = np.sqrt(at.gradient @ model.covariance_log_ @ at.gradient)
    assert length < 1e-5
    assert model.convergence_.gradient_norm < 0.05
    assert at.value == pytest.approx(model.log_likelihood_, abs=1e-6)


def test_distinct_cells_are_the_customers_grouped():
    x, last, now = np.array([1, 1, 0, 1, 2.5]), np.array([2, 2, 0, 3, 3.0]), np.array([4, 4, 4, 4, 9.0])
    found = cells.group_equal(histories_of(x, last, now, [1, 2, 3, 4, 5]))
    rows = sorted(zip(found.frequency, found.recency, found.age, found.weights, strict=True))
    assert rows == [(0, 0, 4, 3), (1, 2, 4, 3), (1, 3, 4, 4), (2.5, 3, 9, 5)]


def test_bins_keep_customers_and_totals():
    x, last, now = drawn(BGNBD, 5000, 6)
    seen = histories_of(x, last, now)
    for bits in (1, 4, 6):
        found = cells.group_similar(seen, bits)
        assert found.customers == seen.customers
        assert found.total(found.age) == pytest.approx(now.sum(), rel=1e-12)
        assert found.total(found.frequency) == pytest.approx(x.sum(), rel=1e-12)
        assert (found.recency <= found.age).all()


def test_a_penalty_draws_the_parameters_in():
    x, last, now = drawn(MBGNBD, 500, 7)
    free, drawn_in = MBGNBD().fit(x, last, now), MBGNBD(penalty=100.0).fit(x, last, now)
    middle = np.log([1, now.mean(), 1, 1])
    off = [np.sum((np.log(model._values()) - middle) ** 2) for model in (free, drawn_in)]
    assert off[1] < off[0]
    assert drawn_in.log_likelihood_ < free.log_likelihood_
    assert drawn_in.log_likelihood_ == pytest.approx(
        MBGNBD.from_params(drawn_in.params_)._likelihood(histories_of(x, last, now))(np.log(drawn_in._values())).value
    )


@pytest.mark.parametrize("kind", LAWS)
def test_a_model_is_the_same_after_json(kind):
    fitted = kind().fit(*drawn(kind, 500, 8))
    text = json.dumps(fitted.to_dict(), allow_nan=False)
    again = kind.from_dict(json.loads(text))
    assert again.to_dict() == fitted.to_dict()
    assert again.convergence_ == fitted.convergence_
    assert [m.params_ for m in again.draws(3, 1)] == [m.params_ for m in fitted.draws(3, 1)]
    assert json.loads(text)["versions"].keys() == {"patron", "numpy", "scipy"}
    bare = kind.from_params(fitted.params_)
    assert kind.from_dict(bare.to_dict()).params_ == fitted.params_


def test_draws_have_the_covariance_of_the_fit():
    model = BGNBD().fit(*drawn(BGNBD, 2000, 9))
    logs = np.array([np.log(list(one.params_.values())) for one in model.draws(20_000, 10)])
    np.testing.assert_allclose(np.cov(logs.T), model.covariance_log_, rtol=0.1, atol=1e-4)


def test_diverging_dropout_is_reported_and_still_predicted():
    rng = np.random.default_rng(11)
    age = rng.uniform(10, 100, 2000)
    x = rng.poisson(rng.gamma(2, 0.1, 2000) * age).astype(float)
    last = np.where(x > 0, age * rng.beta(np.maximum(x, 1), 1), 0)
    for kind, edge in ((BGNBD, {"a", "b"}), (MBGNBD, {"a", "b"}), (ParetoNBD, {"s", "beta"})):
        model = kind().fit(x, last, age)
        assert set(model.convergence_.at_edge) <= edge
        assert model.convergence_.at_edge
        assert "do not determine" in model.convergence_.message
        assert model.probability_alive(x, last, age).mean() > 0.98
        assert np.isfinite(model.covariance_log_).all()


def histories_of(x, last, now, weights=None):
    from patron.predict.models.histories import to_histories

    return to_histories(x, last, now, weights)
