"""The logistic regressions: the estimates of scikit-learn, contributions that add up, and no surprise off the beaten track."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression as Reference

from patron.predict.churn import logistic
from patron.predict.churn.learners import predict_windows
from patron.predict.churn.logistic import THREE, LogisticRegression, fit_logistic

COLUMNS = ("tenure_days", "days_since_last_order", "main_channel", "purchase_day_count", "net_amount", "mean_gap_days")
TRUE = {"days_since_last_order": 0.9, "purchase_day_count": -1.2, "tenure_days": -0.2}


def draw(seed: int = 3, customers: int = 4000):
    """Customers who leave by a known law: log-odds linear in the logarithms of three facts, and of nothing else."""
    rng = np.random.default_rng(seed)
    values = dict(zip(COLUMNS, np.exp(rng.normal(2, 1, (len(COLUMNS), customers))), strict=True))
    values["main_channel"] = rng.integers(0, 3, customers).astype(float)
    values["mean_gap_days"][rng.random(customers) < 0.4] = np.nan
    odds = sum(slope * np.log1p(values[name]) for name, slope in TRUE.items())
    left = rng.random(customers) < 1 / (1 + np.exp(-odds))
    return np.column_stack([values[name] for name in COLUMNS]), left


def standardise(matrix, names):
    """The terms as the docs define them, worked out anew."""
    logs = np.log1p(matrix[:, [COLUMNS.index(name) for name in names]])
    silence, bought = (logs[:, names.index(name)] for name in ("days_since_last_order", "purchase_day_count"))
    product = (silence - silence.mean()) * (bought - bought.mean())
    terms = np.column_stack([logs, product])
    terms = (terms - np.nanmean(terms, axis=0)) / np.nanstd(terms, axis=0)
    return np.clip(np.where(np.isnan(terms), 0, terms), -4, 4)


@pytest.mark.parametrize("of_all", [False, True])
def test_estimates_are_scikit_learns(of_all):
    """A ridge of k on a term is a ridge of 1 on the term divided by the root of k."""
    matrix, left = draw()
    names = [*THREE, "net_amount", "mean_gap_days"] if of_all else list(THREE)
    ridge = np.sqrt([1 if name in THREE else 100 for name in names] + [1])
    expected = Reference(C=1.0, tol=1e-10, max_iter=10_000).fit(standardise(matrix, names) / ridge, left)
    found = fit_logistic(matrix, COLUMNS, left, of_all=of_all)
    assert found.names == tuple(names)
    assert found.coefficients == pytest.approx(expected.coef_[0] / ridge, abs=1e-4)
    chance = expected.predict_proba(standardise(matrix, names) / ridge)[:, 1]
    assert found.predict(matrix) == pytest.approx(chance, abs=1e-5)


def test_the_law_by_which_customers_leave_is_recovered():
    matrix, left = draw(customers=40_000)
    found = fit_logistic(matrix, COLUMNS, left, of_all=True)
    slopes = dict(zip(found.names, np.array(found.coefficients[:-1]) / found.scales[:-1], strict=True))
    assert {name: slopes[name] for name in TRUE} == pytest.approx(TRUE, abs=0.1)
    assert abs(found.coefficients[-1] / found.scales[-1]) < 0.1  # the law has no product
    assert abs(slopes["net_amount"]) < 0.06 > abs(slopes["mean_gap_days"])


def test_contributions_add_up_to_the_log_odds():
    matrix, left = draw()
    found = fit_logistic(matrix, COLUMNS, left, of_all=True)
    found = replace(found, is_telling=[True] * len(found.coefficients))
    chance = found.predict(matrix)
    added = found.explain(matrix)
    assert added.shape == matrix.shape
    usual = (chance > found.least) & (chance < 1 - found.least)
    assert usual.mean() > 0.9
    odds = np.log(chance / (1 - chance))
    assert (found.intercept + added.sum(axis=1))[usual] == pytest.approx(odds[usual], abs=1e-9)
    assert not added[:, COLUMNS.index("main_channel")].any()
    assert not added[np.isnan(matrix[:, -1]), -1].any()  # what is unknown adds nothing


def test_what_only_corrects_another_feature_is_no_reason():
    """Spend follows purchases but for noise: those who spend more leave less, though at equal purchases they leave more."""
    rng = np.random.default_rng(5)
    matrix, _ = draw()
    bought, spent = (COLUMNS.index(name) for name in ("purchase_day_count", "net_amount"))
    noise = np.exp(rng.normal(0, 0.4, len(matrix)))
    matrix[:, spent] = matrix[:, bought] * noise
    odds = -2 * np.log1p(matrix[:, bought]) + 1.5 * np.log(noise) + 4
    left = rng.random(len(matrix)) < 1 / (1 + np.exp(-odds))
    found = fit_logistic(matrix, COLUMNS, left, of_all=True)
    telling = dict(zip(found.names, found.is_telling, strict=False))
    assert found.coefficients[found.names.index("net_amount")] > 0.1
    assert telling["purchase_day_count"] and not telling["net_amount"]
    assert not found.explain(matrix)[:, spent].any()
    assert found.explain(matrix)[:, bought].any()


def test_an_average_customer_has_no_contributions_but_the_products():
    matrix, left = draw()
    found = fit_logistic(matrix, COLUMNS, left, of_all=False)
    middle = dict(zip(found.names, found.means, strict=False))
    average = np.expm1([[middle.get(name, 0) for name in COLUMNS]])
    product = found.coefficients[-1] * (0 - found.means[-1]) / found.scales[-1]
    halves = [product / 2 if name in ("days_since_last_order", "purchase_day_count") else 0 for name in COLUMNS]
    always = replace(found, is_telling=[True] * 4)
    assert always.explain(average)[0] == pytest.approx(halves, abs=1e-9)


def test_values_beyond_what_was_trained_on_count_as_the_limit():
    matrix, left = draw()
    found = fit_logistic(matrix, COLUMNS, left, of_all=True)
    far, farther = matrix[:1].copy(), matrix[:1].copy()
    far[0, COLUMNS.index("net_amount")], farther[0, COLUMNS.index("net_amount")] = 1e9, 1e12
    assert found.predict(far) == found.predict(farther)


def test_a_feature_without_values_or_without_variation_changes_nothing():
    matrix, left = draw()
    bare = fit_logistic(matrix, COLUMNS, left, of_all=False)
    matrix[:, COLUMNS.index("net_amount")], matrix[:, COLUMNS.index("mean_gap_days")] = 5.0, np.nan
    found = fit_logistic(matrix, COLUMNS, left, of_all=True)
    assert found.predict(matrix) == pytest.approx(bare.predict(matrix), abs=1e-6)


def test_a_rows_probability_does_not_depend_on_its_neighbours():
    matrix, left = draw()
    found = fit_logistic(matrix, COLUMNS, left, of_all=True)
    assert found.predict(matrix[5:8]).tolist() == found.predict(matrix)[5:8].tolist()


def test_perfectly_separated_customers_have_finite_probabilities():
    matrix, _ = draw()
    left = matrix[:, COLUMNS.index("days_since_last_order")] > 8
    chance = fit_logistic(matrix, COLUMNS, left, of_all=True).predict(matrix)
    assert np.isfinite(chance).all() and ((chance > 0) & (chance < 1)).all()
    assert chance[left].min() > 0.4 > chance[~left].mean()


def test_more_examples_than_needed_are_thinned_evenly(monkeypatch):
    matrix, left = draw(customers=9000)
    every = fit_logistic(np.repeat(matrix[::3], 3, axis=0), COLUMNS, np.repeat(left[::3], 3), of_all=True)
    monkeypatch.setattr(logistic, "_MOST_EXAMPLES", 3000)
    found = fit_logistic(matrix, COLUMNS, left, of_all=True)
    assert found.coefficients == pytest.approx(every.coefficients, abs=1e-4)


def test_a_regression_is_restored_from_json():
    import json

    matrix, left = draw()
    found = fit_logistic(matrix, COLUMNS, left, of_all=True)
    assert LogisticRegression.from_dict(json.loads(json.dumps(found.to_dict()))) == found


def test_windows_that_are_predicted_together_are_those_of_each_alone():
    matrix, left = draw(customers=500)
    short = fit_logistic(matrix, COLUMNS, left, of_all=False)
    shifted = replace(short, intercept=short.intercept + 1)
    learners = [short, fit_logistic(matrix, COLUMNS, left, of_all=True), shifted]
    together = predict_windows(learners, matrix, 1)
    assert [each.tolist() for each in together] == [each.predict(matrix).tolist() for each in learners]
    assert len({each[0] for each in together}) == 3
