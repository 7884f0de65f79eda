"""Values: sums done by hand, intervals that cover, the same for the same seed."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from patron.predict import MBGNBD, GammaGamma
from patron.predict.errors import HistoryError
from patron.predict.models.lifetime_value import continuous_rate, lifetime_value
from patron.simulate import histories

PARAMS = {"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614}
SPEND = GammaGamma.from_params({"p": 6.25, "q": 3.74, "gamma": 15.44})


@pytest.fixture(scope="module")
def customers():
    rng = np.random.default_rng(1)
    age = rng.integers(7, 700, 3000) / 7
    x, last, now = histories.mbg_nbd(PARAMS, age, rng)
    return x, last, now, histories.mean_values(SPEND.params_, x, rng)


@pytest.fixture(scope="module")
def fitted(customers):
    return MBGNBD().fit(*customers[:3])


def test_a_value_is_purchases_times_spend_times_margin(customers, fitted):
    x, last, now, mean = customers
    found = lifetime_value(fitted, SPEND, x, last, now, mean, margin=0.3, annual_rate=0.0, years=(1,))
    by_hand = 0.3 * SPEND.expected_spend(x, mean) * fitted.expected_purchases(365 / 7, x, last, now)
    np.testing.assert_allclose(found["value_1y"], by_hand, rtol=1e-11)
    assert "residual_value" not in found  # without a discount, a life may be worth infinitely much


def test_values_grow_with_the_horizon_towards_the_residual(customers, fitted):
    found = lifetime_value(fitted, SPEND, *customers, historical=np.full(3000, 7.0))
    for shorter, longer in (("value_1y", "value_3y"), ("value_3y", "value_5y"), ("value_5y", "residual_value")):
        assert (found[shorter] <= found[longer] * (1 + 1e-9)).all()
    np.testing.assert_allclose(found["total_value"], found["residual_value"] + 7)
    for name in ("value_1y", "value_3y", "value_5y"):
        ordered = [found[f"{name}_{bound}"] for bound in ("low_95", "low_80", "high_80", "high_95")]
        assert all((one <= other).all() for one, other in pairwise(ordered))


def test_the_same_customers_have_the_same_intervals(customers, fitted):
    one, other = (lifetime_value(fitted, SPEND, *customers, years=(1,)) for _ in range(2))
    assert all((one[name] == other[name]).all() for name in one)


def test_intervals_of_purchases_cover(customers, fitted):
    """Counts are whole, so an interval covers at least its share: 80% of customers, within four deviations."""
    x, last, now, _ = customers
    plain = GammaGamma.from_params({"p": 1e6, "q": 1e6, "gamma": 1.0})  # every order is worth 1
    found = lifetime_value(fitted, plain, x, last, now, np.ones(3000), annual_rate=0.0, years=(1,))
    really = MBGNBD.from_params(PARAMS).simulate(365 / 7, x, last, now, np.random.default_rng(2))
    for bounds, share in ((("low_80", "high_80"), 0.8), (("low_95", "high_95"), 0.95)):
        low, high = (found[f"value_1y_{bound}"] for bound in bounds)
        covered = ((low - 0.01 <= really) & (really <= high + 0.01)).mean()
        assert covered > share - 4 * np.sqrt(share * (1 - share) / 3000)


def test_models_without_uncertainty_have_no_intervals(customers):
    found = lifetime_value(MBGNBD.from_params(PARAMS), SPEND, *customers, years=(2,))
    assert set(found) == {"expected_spend", "value_2y", "residual_value"}


def test_the_rate_of_a_year_is_compounded():
    assert np.exp(-continuous_rate(0.1, 365) * 365) == pytest.approx(1 / 1.1)


@pytest.mark.parametrize("wrong", [{"margin": 0}, {"margin": -1}, {"annual_rate": -0.1}, {"year": 0}])
def test_what_makes_no_value_is_refused(customers, wrong):
    with pytest.raises(HistoryError):
        lifetime_value(MBGNBD.from_params(PARAMS), SPEND, *customers, **wrong)
