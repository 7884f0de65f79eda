"""Likelihoods and their derivatives, beside the papers' formulas in 60 digits and beside finite differences."""

from __future__ import annotations

import laws
import mpmath as mp
import numpy as np
import pytest

from patron.predict.models.beta_geometric_likelihood import BetaGeometricLikelihood
from patron.predict.models.bg_bb_likelihood import BGBBLikelihood
from patron.predict.models.gamma_gamma_data import to_spending
from patron.predict.models.gamma_gamma_likelihood import GammaGammaLikelihood
from patron.predict.models.histories import to_histories
from patron.predict.models.pareto_likelihood import ParetoLikelihood

HISTORIES = [
    *((0, 0, 0), (0, 0, 1e-9), (0, 0, 39), (0, 0, 1e4), (1, 1e-7, 1e-6), (1, 38, 39), (2, 30.43, 38.86)),
    *((132, 199, 200), (133, 199, 200), (133, 10, 200), (700, 690, 700), (700, 699.9, 700), (3, 5, 5), (5, 1e-3, 1e3)),
]
SHAPES = [(0.2426, 4.4136, 0.7929, 2.4259), (0.01, 1e-3, 0.02, 0.05), (30.0, 500.0, 1.0, 80.0), (1.0, 2e4, 40.0, 0.3)]
DONORS = [(0, 0, 0), (0, 0, 6), (1, 1, 6), (1, 6, 6), (3, 5, 6), (6, 6, 6), (2, 40, 104), (100, 104, 104)]


def beta_geometric(first_coin):
    return lambda seen: BetaGeometricLikelihood(seen, first_coin)


def summed(params, history, first_coin):
    return mp.fsum(laws.beta_geometric_terms(params, history, first_coin))


MODELS = {
    "bg_nbd": (beta_geometric(0), SHAPES, HISTORIES, lambda p, h: summed(p, h, 0)),
    "mbg_nbd": (beta_geometric(1), SHAPES, HISTORIES, lambda p, h: summed(p, h, 1)),
    "pareto_nbd": (ParetoLikelihood, SHAPES, HISTORIES, lambda p, h: mp.fsum(laws.pareto_terms(p, h))),
    "bg_bb": (
        BGBBLikelihood,
        [(1.204, 0.75, 0.657, 2.783), (0.02, 3.0, 5.0, 0.1), (40.0, 60.0, 1.0, 1.0)],
        DONORS,
        lambda p, h: laws.bg_bb_terms(p, h)[1],
    ),
}


@pytest.mark.parametrize("name", MODELS)
def test_the_log_likelihood_is_the_papers_to_eleven_digits(name):
    likelihood, shapes, customers, law = MODELS[name]
    for params in shapes:
        for customer in customers:
            found = likelihood(to_histories(*([value] for value in customer)))(np.log(params)).value
            assert found == pytest.approx(float(mp.log(law(params, customer))), rel=1e-11, abs=1e-11)


@pytest.mark.parametrize("name", MODELS)
def test_gradient_and_hessian_are_those_of_finite_differences(name):
    likelihood, shapes, customers, _ = MODELS[name]
    weights = np.arange(1.0, len(customers) + 1)
    of = likelihood(to_histories(*np.array(customers, dtype=float).T, weights))
    for params in shapes:
        assert_derivatives(of, np.log(params))


def test_spend_derivatives_are_those_of_finite_differences():
    of = GammaGammaLikelihood(to_spending([1, 2, 2, 30, 500], [0.01, 20, 35.5, 1e4, 60], [1, 2, 3, 4, 5]))
    for params in ((6.25, 3.74, 15.44), (0.3, 0.5, 1e3), (50.0, 80.0, 0.2)):
        assert_derivatives(of, np.log(params))


def test_the_spend_likelihood_is_the_papers():
    for params in ((6.25, 3.74, 15.44), (0.3, 0.5, 1e3), (50.0, 80.0, 0.2)):
        rows = [(1, 0.01), (2, 20.0), (30, 1e4), (700, 35.5)]
        found = GammaGammaLikelihood(to_spending(*zip(*rows, strict=True), None))(np.log(params)).value
        assert found == pytest.approx(float(mp.fsum(laws.gamma_gamma_log(params, *row) for row in rows)), rel=1e-12)


def assert_derivatives(of, place):
    at, step = of(place), 1e-5
    for i, axis in enumerate(np.eye(len(place)) * step):
        up, down = of(place + axis), of(place - axis)
        scale = 1e-6 * np.abs(at.hessian).max() + 1e-6
        assert (up.value - down.value) / (2 * step) == pytest.approx(at.gradient[i], rel=1e-6, abs=scale)
        np.testing.assert_allclose((up.gradient - down.gradient) / (2 * step), at.hessian[i], rtol=1e-5, atol=scale)
    np.testing.assert_allclose(at.hessian, at.hessian.T, rtol=1e-12, atol=1e-9)
