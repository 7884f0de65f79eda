"""What models predict, beside the papers' formulas in 60 digits, and beside what is drawn from them."""

from __future__ import annotations

import laws
import mpmath as mp
import numpy as np
import pytest

from patron.predict import BGBB, BGNBD, MBGNBD, ParetoNBD
from patron.predict.models.purchase_model import PurchaseModel

CDNOW = {
    BGNBD: (0.2426, 4.4136, 0.7929, 2.4259),
    MBGNBD: (0.525, 6.183, 0.891, 1.614),
    ParetoNBD: (0.5531, 10.576, 0.6063, 11.671),
    BGBB: (1.204, 0.750, 0.657, 2.783),
}
CUSTOMERS = [
    (0, 0, 0),
    (0, 0, 39),
    (1, 1e-6, 1e-5),
    (2, 30.43, 38.86),
    (26, 30.86, 31),
    (132, 199, 200),
    (700, 69.9, 70),
]
A_VALUES, B_VALUES = (0.01, 0.3, 0.999999, 2.4, 30.0, 1000.0), (0.01, 2.4, 1000.0)
FREQUENCIES, AHEAD = (0, 1, 30, 1000), (1e-6, 0.3, 10.0, 100.0)


def model_of(kind, params):
    return kind.from_params(dict(zip(kind.parameter_names, params, strict=True)))


@pytest.mark.parametrize(("kind", "first_coin"), [(BGNBD, 0), (MBGNBD, 1)])
@pytest.mark.parametrize("a", A_VALUES)
def test_beta_geometric_purchases_to_ten_digits(kind, first_coin, a):
    """x up to 1000, t up to 100 times alpha + T, a from 0.01 to 1000, through the singularity of the formula at 1."""
    for b in B_VALUES:
        model = model_of(kind, (0.25, 1.0, a, b))
        for x in FREQUENCIES:
            for t in AHEAD:
                expected = laws.beta_geometric_ahead((0.25, 1.0, a, b), t, (x, 0, 0), first_coin)
                found = float(model.expected_while_alive(t, x, 0.0))
                assert found == pytest.approx(float(expected), rel=1e-10), (a, b, x, t)


def test_nothing_happens_to_the_expectation_at_a_equal_to_1():
    at, near = (model_of(BGNBD, (0.25, 4.0, a, 2.4)).expected_purchases(39, 2, 30, 39) for a in (1.0, 1 + 1e-9))
    assert at == pytest.approx(float(near), rel=1e-8)


@pytest.mark.parametrize("customer", CUSTOMERS)
def test_probability_alive_is_the_papers(customer):
    for kind, first_coin in ((BGNBD, 0), (MBGNBD, 1)):
        alive, gone = laws.beta_geometric_terms(CDNOW[kind], customer, first_coin)
        found = float(model_of(kind, CDNOW[kind]).probability_alive(*customer))
        assert found == pytest.approx(float(alive / (alive + gone)), rel=1e-11)
    alive, gone = laws.pareto_terms(CDNOW[ParetoNBD], customer)
    found = float(model_of(ParetoNBD, CDNOW[ParetoNBD]).probability_alive(*customer))
    assert found == pytest.approx(float(alive / (alive + gone)), rel=1e-11)


@pytest.mark.parametrize("s", [0.2, 0.6063, 0.999999, 1.0, 3.0, 50.0])
def test_pareto_purchases_are_the_papers(s):
    r, alpha, beta, x, now, t = 0.5531, 10.576, 11.671, 2, 38.86, 39.0
    found = float(model_of(ParetoNBD, (r, alpha, s, beta)).expected_while_alive(t, x, now))
    if s == 1:
        expected = (r + x) * (beta + now) / (alpha + now) * mp.log((beta + now + t) / (beta + now))
    else:
        lasting = 1 - (mp.mpf(beta + now) / (beta + now + t)) ** (mp.mpf(s) - 1)
        expected = (r + x) * (beta + now) / (alpha + now) / (mp.mpf(s) - 1) * lasting
    assert found == pytest.approx(float(expected), rel=1e-12)


@pytest.mark.parametrize("customer", CUSTOMERS)
@pytest.mark.parametrize("horizon", [1e-4, 1.0, 39.0, 1e4])
def test_pareto_probability_of_a_purchase(customer, horizon):
    model = model_of(ParetoNBD, CDNOW[ParetoNBD])
    expected = laws.pareto_buys(CDNOW[ParetoNBD], horizon, customer)
    found = float(model.probability_of_purchase(horizon, *customer) / model.probability_alive(*customer))
    assert found == pytest.approx(float(expected), rel=1e-9, abs=1e-13)


@pytest.mark.parametrize("donor", [(0, 0, 0), (0, 0, 6), (1, 1, 6), (3, 5, 6), (6, 6, 6), (20, 60, 104)])
def test_bg_bb_is_the_papers(donor):
    params = CDNOW[BGBB]
    model = model_of(BGBB, params)
    alive, total = laws.bg_bb_terms(params, donor)
    assert float(model.probability_alive(*donor)) == pytest.approx(float(alive / total), rel=1e-11)
    for horizon in (1, 5, 60):
        expected = laws.bg_bb_ahead(params, horizon, donor)
        assert float(model.expected_while_alive(horizon, donor[0], donor[2])) == pytest.approx(
            float(expected), rel=1e-11
        )


@pytest.mark.parametrize("kind", CDNOW)
def test_a_model_at_many_customers_is_the_model_at_each(kind):
    """Arrays go by pairs, pieces and polynomials over age; each customer alone goes by none of them."""
    rng = np.random.default_rng(3)
    now = rng.integers(1, 60, 4000).astype(float)
    x = np.minimum(rng.geometric(0.4, 4000) - 1, now)
    last = np.where(x > 0, np.maximum(x, np.floor(now * rng.random(4000))), 0)
    model = model_of(kind, CDNOW[kind])
    questions = {
        "purchases": lambda *h: model.expected_purchases(12, *h),
        "alive": model.probability_alive,
        "buys": lambda *h: model.probability_of_purchase(12, *h),
        "discounted": lambda *h: model.discounted_purchases(24, 0.01, *h, step=2),
    }
    for name, ask in questions.items():
        together = ask(x, last, now)
        for i in range(0, 4000, 399):
            assert together[i] == pytest.approx(float(ask(x[i], last[i], now[i])), rel=1e-11), name


@pytest.mark.parametrize("kind", CDNOW)
def test_what_is_drawn_has_the_mean_that_is_expected(kind):
    model, rng, n = model_of(kind, CDNOW[kind]), np.random.default_rng(4), 100_000
    for customer in ((0, 0, 0), (0, 0, 30), (3, 20, 30), (10, 12, 12)):
        drawn = model.simulate(40.0, np.full(n, customer[0]), customer[1], customer[2], rng)
        expected = float(model.expected_purchases(40, *customer))
        assert abs(drawn.mean() - expected) < 4.5 * drawn.std() / np.sqrt(n)
        buys = float(model.probability_of_purchase(40, *customer))
        assert abs((drawn > 0).mean() - buys) < 4.5 * np.sqrt(buys * (1 - buys) / n) + 1e-9
        counts = [float(one) for one in model.probability_of_counts(40, *customer)]
        assert counts[0] == pytest.approx(1 - buys, abs=1e-12)
        assert sum(counts) == pytest.approx(1, abs=1e-12)
        for number, chance in enumerate(counts):
            seen = np.mean(drawn == number if number < 3 else drawn >= 3)
            assert abs(seen - chance) < 4.5 * np.sqrt(chance * (1 - chance) / n) + 1e-9


@pytest.mark.parametrize("kind", [BGNBD, MBGNBD, ParetoNBD])
@pytest.mark.parametrize("chance", [0.1, 0.5, 0.9])
def test_the_next_purchase_is_made_by_its_time_with_its_probability(kind, chance):
    model = model_of(kind, CDNOW[kind])
    x, last, now = (np.array(column, dtype=float) for column in zip(*CUSTOMERS, strict=True))
    times = model.time_to_purchase(chance, x, last, now, longest=500.0)
    by_then = model.probability_of_purchase(500.0, x, last, now)
    np.testing.assert_array_equal(np.isnan(times), by_then < chance)
    known = ~np.isnan(times)
    reached = model.probability_of_purchase(times[known], x[known], last[known], now[known])
    np.testing.assert_allclose(reached, chance, rtol=3e-4)


@pytest.mark.parametrize("kind", CDNOW)
def test_discounting(kind):
    model, customer = model_of(kind, CDNOW[kind]), (2, 30, 38)
    undiscounted = model.expected_purchases(36, *customer)
    assert model.discounted_purchases(36, 0.0, *customer) == pytest.approx(float(undiscounted), rel=1e-12)
    by_hand = sum(
        np.exp(-0.02 * (month - (0 if kind is BGBB else 0.5)))
        * (model.expected_purchases(month, *customer) - model.expected_purchases(month - 1, *customer))
        for month in range(1, 37)
    )
    assert model.discounted_purchases(36, 0.02, *customer, step=1) == pytest.approx(float(by_hand), rel=1e-11)
    for_ever, long = (model.discounted_purchases(t, 0.02, *customer, step=0.5) for t in (np.inf, 1500))
    assert for_ever == pytest.approx(float(long), rel=1e-5)
    assert model.discounted_purchases_new(36, 0.02) > 0


def test_steps_in_one_average_equal_the_general_way():
    model = model_of(MBGNBD, CDNOW[MBGNBD])
    x, now = np.array([0.0, 1, 30]), np.array([5.0, 20, 90])
    together = model.discounted_while_alive(156.0, 0.002, x, now, 4.5)
    np.testing.assert_allclose(
        together, PurchaseModel.discounted_while_alive(model, 156.0, 0.002, x, now, 4.5), rtol=1e-11
    )


def test_arguments_broadcast():
    model = model_of(BGNBD, CDNOW[BGNBD])
    assert model.expected_purchases(10, 2, 30, 39).shape == ()
    assert model.expected_purchases([[10], [20]], [2, 3], 30, 39).shape == (2, 2)
    assert model.probability_of_purchase([10, 20], 2, 30, 39).shape == (2,)
    assert model.expected_purchases(10, [], [], []).shape == (0,)
    assert model.simulate(10, [2, 3], 30, 39, np.random.default_rng(1)).shape == (2,)
