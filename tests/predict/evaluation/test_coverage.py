"""Intervals hold the truth as often as they say: over hundreds of shops drawn from each model's own law.

docs/evaluation.md has the counts of one run. Each test prints its own (`pytest -m soak -rP tests/predict/evaluation/test_coverage.py`).
A test fails where a count is one of the rarest 1 in 10,000 on either side.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from patron.predict import BGBB, GammaGamma
from patron.simulate import histories
from predict.models.drawn_customers import LAWS, SPEND, drawn

SHOPS, SHOPS_OF_OPPORTUNITIES, SHOPS_AHEAD = 400, 200, 200
"""The BG/BB takes longer to fit."""


def inside(model, truth):
    """Of each parameter, whether the truth lies in its 95% interval."""
    off = np.abs(np.log(list(model.params_.values())) - np.log(list(truth.values())))
    return off < 1.96 * np.sqrt(np.diag(model.covariance_log_))


def purchase_parameters(kind, seed):
    return inside(kind().fit(*drawn(kind, 5000, 1000 + seed)), LAWS[kind][1])


def spend_parameters(seed):
    rng = np.random.default_rng(1000 + seed)
    orders = rng.integers(0, 8, 5000).astype(float)
    return inside(GammaGamma().fit(orders, histories.mean_values(SPEND.params_, orders, rng)), SPEND.params_)


def held_out_total(kind, seed):
    """Whether what 2,000 customers buy in the next 10 units of time lies in its 80% and in its 95% interval."""
    rng = np.random.default_rng(seed)
    x, last, now = drawn(kind, 2000, 5000 + seed)
    really = kind.from_params(LAWS[kind][1]).simulate(10, x, last, now, rng).sum()
    totals = [one.simulate(10, x, last, now, rng).sum() for one in kind().fit(x, last, now).draws(200, seed)]
    ends = np.quantile(totals, [0.1, 0.9, 0.025, 0.975])
    return np.array([ends[0] <= really <= ends[1], ends[2] <= really <= ends[3]])


def as_often_as_said(count, times, share):
    low, high = binom.ppf([1e-4, 1 - 1e-4], times, share)
    return (low <= count) & (count <= high)


@pytest.mark.soak
@pytest.mark.parametrize("kind", LAWS)
def test_intervals_of_parameters_of_purchases(kind):
    shops = SHOPS_OF_OPPORTUNITIES if kind is BGBB else SHOPS
    counts = sum(purchase_parameters(kind, seed) for seed in range(shops))
    print(f"{kind.name}: of {shops} shops {counts} had the true {', '.join(kind.parameter_names)} inside of 95%")
    assert as_often_as_said(counts, shops, 0.95).all()


@pytest.mark.soak
def test_intervals_of_parameters_of_spend():
    counts = sum(spend_parameters(seed) for seed in range(SHOPS))
    print(f"Gamma-Gamma: of {SHOPS} shops {counts} had the true {', '.join(SPEND.params_)} inside of 95%")
    assert as_often_as_said(counts, SHOPS, 0.95).all()


@pytest.mark.soak
@pytest.mark.parametrize("kind", LAWS)
def test_intervals_of_held_out_totals(kind):
    counts = sum(held_out_total(kind, seed) for seed in range(SHOPS_AHEAD))
    print(f"{kind.name}: of {SHOPS_AHEAD} shops {counts} had their total inside of 80% and 95%")
    assert as_often_as_said(counts, SHOPS_AHEAD, np.array([0.8, 0.95])).all()
