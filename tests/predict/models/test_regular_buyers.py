"""BG/CNBD-k and MBG/CNBD-k beside integrals by brute force, the package of the authors, simulated truth, and k = 1."""

from __future__ import annotations

import math

import numpy as np
import pytest

from patron.errors import PatronError
from patron.predict import BGCNBDK, BGNBD, MBGCNBDK, MBGNBD
from patron.simulate import histories

PLAIN = {BGCNBDK: BGNBD, MBGCNBDK: MBGNBD}
DRAW = {BGCNBDK: histories.bg_cnbd_k, MBGCNBDK: histories.mbg_cnbd_k}
PUBLISHED = {"r": 0.85, "alpha": 1.45, "a": 0.79, "b": 2.42}
"""The parameters that the authors' package tests itself with, at k = 3 and 6."""

CUSTOMERS = [(0, 0, 0), (0, 0, 30), (3, 20, 30), (3, 29, 30), (20, 39.9, 40), (20, 30, 40)]
KINDS = pytest.mark.parametrize("kind", [BGCNBDK, MBGCNBDK])


def at(kind, k, **changed):
    return kind.from_params({"k": k, **PUBLISHED, **changed})


@pytest.fixture(scope="module")
def drawn():
    rng = np.random.default_rng(11)
    return DRAW[MBGCNBDK]({"k": 3, **PUBLISHED}, rng.uniform(20, 104, 20_000), rng)


# --- k = 1 -----------------------------------------------------------------------------------------------------------


@KINDS
def test_one_stage_is_the_model_without_regularity(kind, drawn):
    history, log_gaps = drawn
    one, plain = kind(k=1).fit(*history, log_gaps=log_gaps), PLAIN[kind]().fit(*history)
    assert one.params_ == {"k": 1.0, **plain.params_}
    assert one.log_likelihood_ == plain.log_likelihood_
    for answer in (
        lambda m: m.probability_alive(*history),
        lambda m: m.expected_purchases(26, *history),
        lambda m: m.probability_of_purchase(13, *history),
        lambda m: np.array(m.probability_of_counts(13, *history)),
        lambda m: m.discounted_purchases(52, 0.01, *history),
        lambda m: m.discounted_purchases(np.inf, 0.01, *history),
    ):
        np.testing.assert_allclose(answer(one), answer(plain), rtol=1e-10, atol=1e-12)
    for chance in (0.1, 0.5, 0.9):
        found, closed = (m.time_to_purchase(chance, *history, longest=500.0) for m in (one, plain))
        np.testing.assert_array_equal(np.isnan(found), np.isnan(closed))
        np.testing.assert_allclose(found, closed, rtol=2e-4, atol=1e-3)


# --- the likelihood --------------------------------------------------------------------------------------------------


def by_integrals(params, k, history, gaps, first_coin):
    """The log-density of a customer's gaps and of the silence after them, summed over a grid of ln(rate) and logit(p)."""
    (r, alpha, a, b), (x, last, now) = params, history
    log_rate, logit = np.linspace(-25, 6, 3000), np.linspace(-25, 25, 1500)
    rate, p = np.exp(log_rate), 1 / (1 + np.exp(-logit))
    prior_rate = alpha**r * rate**r * np.exp(-alpha * rate) / math.gamma(r) * (log_rate[1] - log_rate[0])
    prior_p = p**a * (1 - p) ** b * math.gamma(a + b) / math.gamma(a) / math.gamma(b) * (logit[1] - logit[0])
    density = np.prod([rate**k * gap ** (k - 1) * np.exp(-rate * gap) / math.factorial(k - 1) for gap in gaps], axis=0)
    waited = rate * (now - last)
    silent = sum(waited**stage * np.exp(-waited) / math.factorial(stage) for stage in range(k))
    coins = x + first_coin
    stays, leaves = prior_p @ (1 - p) ** coins, prior_p @ (p * (1 - p) ** (coins - 1)) if coins else 0.0
    return math.log(prior_rate @ (density * (silent * stays + leaves)))


@KINDS
@pytest.mark.parametrize("k", [2, 3])
@pytest.mark.parametrize(("gaps", "now"), [((), 4.0), ((1.5, 2.0), 4.0), ((1.0, 1.1, 0.9), 6.0)])
def test_the_likelihood_is_the_integral_over_rates_and_coins(kind, k, gaps, now):
    params, history = (1.5, 1.4, 1.2, 2.3), (len(gaps), sum(gaps), now)
    expected = by_integrals(params, k, history, gaps, kind.first_coin)
    model = kind(k=k)
    seen = [np.array([float(value)]) for value in history]
    objective = model._likelihood(histories_of(*seen))
    constant = (k - 1) * sum(math.log(gap) for gap in gaps) - math.lgamma(k) * len(gaps)
    assert objective.value(np.log(params)) + constant == pytest.approx(expected, rel=1e-8)


def histories_of(x, last, now):
    from patron.predict.models.histories import to_histories

    return to_histories(x, last, now)


@KINDS
@pytest.mark.parametrize("k", [2, 7])
def test_derivatives_are_those_of_the_value(kind, k):
    rng = np.random.default_rng(5)
    history, _ = DRAW[kind]({"k": k, **PUBLISHED}, rng.uniform(5, 60, 300), rng)
    seen = histories_of(*history)
    objective, log_params, h = kind(k=k)._likelihood(seen), np.log([0.7, 2.0, 0.9, 3.0]), 1e-5
    here = objective(log_params)
    assert here.value == objective.value(log_params)
    for i, step in enumerate(np.eye(4) * h):
        up, down = objective(log_params + step), objective(log_params - step)
        assert here.gradient[i] == pytest.approx((up.value - down.value) / (2 * h), rel=1e-6, abs=1e-4)
        np.testing.assert_allclose(here.hessian[i], (up.gradient - down.gradient) / (2 * h), rtol=1e-5, atol=1e-3)


# --- parameters ------------------------------------------------------------------------------------------------------


@KINDS
@pytest.mark.parametrize("k", [1, 2, 6])
def test_stages_and_parameters_are_recovered(kind, k):
    rng = np.random.default_rng(20 + k)
    truth = {"k": float(k), **PUBLISHED}
    history, log_gaps = DRAW[kind](truth, rng.uniform(36, 96, 8_000), rng)
    model = kind().fit(*history, log_gaps=log_gaps)
    assert model.params_["k"] == k
    assert model.convergence_.all_agree
    for name, value in PUBLISHED.items():
        assert abs(model.params_[name] - value) < 4 * model.standard_errors_[name], name


def test_cells_and_bins_find_the_same_stages(drawn):
    (x, last, now), log_gaps = drawn
    twice = MBGCNBDK().fit(x, last, now, np.full(len(x), 2.0), log_gaps=2 * log_gaps)
    once, rough = (
        MBGCNBDK().fit(x, last, now, log_gaps=log_gaps),
        MBGCNBDK(exact=False).fit(x, last, now, log_gaps=log_gaps),
    )
    assert twice.log_likelihood_ == pytest.approx(2 * once.log_likelihood_, rel=1e-9)
    assert twice.params_ == pytest.approx(once.params_, rel=1e-5)
    assert rough.params_ == pytest.approx(once.params_, rel=0.02)


def by_whole_days(k, per_day, customers, rng):
    """Purchases of customers who never stop, days of which are kept; purchases of one day are one."""
    x, last, now, log_gaps = [], [], [], 0.0
    for rate in rng.gamma(2, per_day / 2, customers):
        first = rng.uniform(0, 200)
        days = np.unique(np.floor(first + np.cumsum([0, *rng.gamma(k, 1 / (k * rate), 2000)])))
        days = days[days < 400]
        log_gaps += np.log(np.diff(days) / 7).sum()
        x, last, now = [*x, len(days) - 1], [*last, (days[-1] - days[0]) / 7], [*now, (400 - days[0]) / 7]
    return (x, last, now), log_gaps


@pytest.mark.parametrize(("k", "per_day"), [(1, 0.1), (1, 0.4), (2, 0.1), (2, 0.4), (4, 0.1)])
def test_days_that_hide_short_gaps_are_no_regularity(k, per_day):
    history, log_gaps = by_whole_days(k, per_day, 600, np.random.default_rng(1))
    assert MBGCNBDK().fit(*history, log_gaps=log_gaps, resolution=1 / 7).params_["k"] == k
    if (k, per_day) == (1, 0.4):
        assert MBGCNBDK().fit(*history, log_gaps=log_gaps).params_["k"] == 2


def test_it_is_stored_and_drawn_with_its_stages(drawn):
    history, log_gaps = drawn
    model = MBGCNBDK().fit(*history, log_gaps=log_gaps)
    again = MBGCNBDK.from_dict(model.to_dict())
    assert again.params_ == model.params_
    assert float(again.expected_purchases(10, 3, 20, 30)) == float(model.expected_purchases(10, 3, 20, 30))
    assert all(one.params_["k"] == 3 for one in model.draws(3, seed=1))


def test_what_is_missing_or_impossible_is_named(drawn):
    history, _ = drawn
    with pytest.raises(PatronError, match="cannot find k without the gaps"):
        MBGCNBDK().fit(*history)
    for wrong in ({"log_gaps": math.nan}, {"log_gaps": 1.0, "resolution": -1.0}):
        with pytest.raises(PatronError, match="are not valid"):
            MBGCNBDK().fit(*history, **wrong)
    for k in (0.5, 13, 2.5):
        with pytest.raises(PatronError, match="not a whole number from 1 to 12"):
            at(MBGCNBDK, k)
        with pytest.raises(PatronError, match="not a whole number from 1 to 12"):
            MBGCNBDK(k=k)


# --- predictions -----------------------------------------------------------------------------------------------------


def expect_by_sum(model, horizon, history, most=3000):
    """E[Y] as a sum over purchases of P(they go on) x P(so many stages), over the hidden stage."""
    from scipy.special import betainc, betaln

    (k, r, alpha, a, b), (x, last, now) = model.params_.values(), history
    m, tails, share = r + k * x, b + x + model.first_coin, horizon / (alpha + now + horizon)
    w = (now - last) / (alpha + now)
    stage = np.array([math.exp(math.lgamma(m + j) - math.lgamma(m) - math.lgamma(j + 1)) * w**j for j in range(int(k))])
    n = np.arange(1, most + 1)
    goes_on = np.exp(betaln(a, tails + n - 1) - betaln(a, tails))
    each = [goes_on @ betainc(k * n - j, m + j, share) for j in range(int(k))]
    return float(model.probability_alive(*history)) * float(stage @ each) / stage.sum()


@KINDS
@pytest.mark.parametrize("k", [2, 3, 12])
@pytest.mark.parametrize(("a", "b"), [(0.79, 2.42), (0.05, 3.0), (5.0, 0.3), (1.0, 1.0)])
def test_the_expectation_is_the_sum_over_all_purchases(kind, k, a, b):
    model = at(kind, k, a=a, b=b)
    for customer in CUSTOMERS:
        for horizon in (0.1, 1.0, 10.0, 100.0):
            found = float(model.expected_purchases(horizon, *customer))
            assert found == pytest.approx(expect_by_sum(model, horizon, customer), rel=1e-9, abs=1e-12)


@KINDS
def test_predictions_are_what_like_customers_went_on_to_do(kind):
    """Customers are drawn one purchase at a time, far past now; those with like histories then did this."""
    rng = np.random.default_rng(8)
    k, n, now, horizon = 4, 400_000, 30.0, 8.0
    model = at(kind, k)
    rate, stop = rng.gamma(PUBLISHED["r"], 1 / PUBLISHED["alpha"], n), rng.beta(PUBLISHED["a"], PUBLISHED["b"], n)
    x, last, time, later = np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n)
    following = np.full(n, np.inf)
    alive = rng.random(n) >= stop if kind.first_coin else np.ones(n, dtype=bool)
    while alive.any():
        time = np.where(alive, time + rng.gamma(k, 1 / rate), np.inf)
        before, after = time <= now, (time > now) & (time <= now + horizon)
        x, last, later = x + before, np.where(before, time, last), later + after
        following = np.where((time > now) & np.isinf(following), time - now, following)
        alive &= (rng.random(n) >= stop) & (time <= now + 100)
    for low, high in ((0, 1), (10, 14), (22, 25), (27, 29)):
        like = (x == (0 if high == 1 else 3)) & (last >= low) & (last < high)
        history = x[like], last[like], np.full(like.sum(), now)
        bought, count = later[like], like.sum()
        assert count > 500
        expected = model.expected_purchases(horizon, *history)
        assert abs(bought.mean() - expected.mean()) < 4.5 * bought.std() / math.sqrt(count) + 1e-9
        for number, chances in enumerate(model.probability_of_counts(horizon, *history)):
            seen, chance = np.mean(bought == number if number < 3 else bought >= 3), chances.mean()
            assert abs(seen - chance) < 4.5 * math.sqrt(chance * (1 - chance) / count) + 1e-9
        for chance in (0.1, 0.5):
            due = model.time_to_purchase(chance, *history, longest=100.0)
            if np.isfinite(due).all():
                assert np.mean(following[like] <= due) == pytest.approx(chance, abs=4.5 * math.sqrt(0.25 / count))


@KINDS
@pytest.mark.parametrize("k", [2, 5])
def test_what_is_drawn_has_the_distribution_that_is_predicted(kind, k):
    model, rng, n = at(kind, k), np.random.default_rng(4), 100_000
    for customer in CUSTOMERS:
        drawn = model.simulate(12.0, np.full(n, customer[0]), customer[1], customer[2], rng)
        assert abs(drawn.mean() - model.expected_purchases(12, *customer)) < 4.5 * drawn.std() / math.sqrt(n) + 10 / n
        for number, chance in enumerate(model.probability_of_counts(12, *customer)):
            seen = np.mean(drawn == number if number < 3 else drawn >= 3)
            assert abs(seen - chance) < 4.5 * math.sqrt(chance * (1 - chance) / n) + 10 / n


@KINDS
def test_many_customers_are_interpolated_to_what_each_would_be_alone(kind):
    model, rng, n = at(kind, 3), np.random.default_rng(9), 30_000
    now = rng.integers(1, 700, n) / 7
    x = np.floor(rng.exponential(1, n) * now / 3)
    last = np.where(x > 0, now * rng.random(n), 0)
    together = (
        model.expected_purchases(13, x, last, now),
        model.discounted_purchases(156, 0.002, x, last, now, step=4),
    )
    for i in range(0, n, 1999):
        alone = (
            model.expected_purchases(13, x[i], last[i], now[i]),
            model.discounted_purchases(156, 0.002, x[i], last[i], now[i], step=4),
        )
        assert [float(one[i]) for one in together] == pytest.approx([float(one) for one in alone], rel=1e-8, abs=1e-10)


def test_discounting_is_the_sum_by_steps():
    model, customer = at(MBGCNBDK, 3), (5, 28, 30)
    by_hand = sum(
        math.exp(-0.02 * (month - 0.5))
        * float(model.expected_purchases(month, *customer) - model.expected_purchases(month - 1, *customer))
        for month in range(1, 37)
    )
    assert float(model.discounted_purchases(36, 0.02, *customer, step=1)) == pytest.approx(by_hand, rel=1e-10)
    for_ever, long = (float(model.discounted_purchases(t, 0.02, *customer, step=0.1)) for t in (np.inf, 600))
    assert for_ever == pytest.approx(long, rel=1e-4)


def test_who_is_due_is_likelier_to_buy_than_who_has_just_bought():
    """Yearly buyers: without regularity, the longer ago the less likely; with it, the anniversary counts."""
    rng = np.random.default_rng(2)
    truth = {"k": 9, "r": 3.0, "alpha": 3 * 52 / 9, "a": 0.05, "b": 3.0}
    history, log_gaps = DRAW[MBGCNBDK](truth, rng.uniform(100, 300, 5_000), rng)
    model = MBGCNBDK().fit(*history, log_gaps=log_gaps)
    due, just = model.probability_of_purchase(30 / 7, 4, [208, 255], 256)
    assert due > 3 * just
    plain = MBGNBD().fit(*history).probability_of_purchase(30 / 7, 4, [208, 255], 256)
    assert plain[0] < plain[1]
