"""Pareto/GGG: its closed forms, each of its draws, and whole shops with known parameters, drawn purchase by purchase."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from pydantic import ValidationError
from scipy.integrate import quad
from scipy.special import gammaincc, gammaln
from scipy.stats import gamma, lomax

from patron.predict import ParetoGGG, ParetoNBD
from patron.predict.errors import HistoryError, NotFittedError, ParameterError
from patron.predict.evaluation.forecasts import list_models
from patron.predict.models.pareto_ggg import end_of_life, likelihood
from patron.predict.models.pareto_ggg.convergence import compute_r_hat, count_effective_draws, judge_chains
from patron.predict.models.pareto_ggg.end_of_life import draw_ends
from patron.predict.models.pareto_ggg.futures import draw_counts
from patron.predict.models.pareto_ggg.heterogeneity import Spread, draw_lifetimes, draw_spread
from patron.predict.models.pareto_ggg.likelihood import Seen, Traits
from patron.predict.models.pareto_ggg.regrouping import Regrouping
from patron.project.settings.predictions import PurchasePredictions

TRUTH = {"t": 4.5, "gamma": 1.5, "r": 0.9, "alpha": 5.0, "s": 0.8, "beta": 12.0}
"""Of the package's own test of recovery."""


def traits(k, rate, dropout, n=1):
    return Traits(*(np.full(n, float(value)) for value in (k, rate, dropout)))


def draw_shop(seed, customers, ahead=0.0, params=TRUTH):
    """Draw each customer's purchases one by one: history, log_gaps, who is alive, purchases within `ahead`."""
    rng = np.random.default_rng(seed)
    rows = []
    for _ in range(customers):
        k = max(rng.gamma(params["t"], 1 / params["gamma"]), 0.1)
        rate = rng.gamma(params["r"], 1 / params["alpha"])
        life = rng.exponential(1 / rng.gamma(params["s"], 1 / params["beta"]))
        age = rng.uniform(36, 96)
        times = [0.0]
        while times[-1] < min(life, age + ahead):
            times.append(times[-1] + rng.gamma(k, 1 / (k * rate)))
        bought = [time for time in times if time < min(life, age + ahead)]
        seen = [time for time in bought if time <= age]
        log_gaps = sum(math.log(b - a) for a, b in pairwise(seen))
        rows.append((len(seen) - 1, seen[-1], age, log_gaps, life > age, len(bought) - len(seen)))
    return np.array(rows, dtype=np.float64).T


@pytest.mark.parametrize("k", [0.4, 1.0, 5.5])
@pytest.mark.parametrize("silence", [0.0, 3.0, 80.0])
def test_silence_and_p_alive_are_integrals_over_the_end_of_the_life(k, silence):
    rate, dropout = 0.3, 0.02
    left, _ = quad(lambda u: dropout * math.exp(-dropout * u) * gammaincc(k, k * rate * u), 0, silence, limit=200)
    alive = math.exp(-dropout * silence) * gammaincc(k, k * rate * silence)
    own = traits(k, rate, dropout)
    assert likelihood.probability_of_silence(np.array([silence]), own)[0] == pytest.approx(left + alive, rel=1e-9)
    assert likelihood.probability_alive(np.array([silence]), own)[0] == pytest.approx(alive / (left + alive), rel=1e-9)


def test_a_purchase_ahead_is_an_integral_over_the_gap():
    k, rate, dropout, silence, ahead = 3.2, 0.2, 0.03, 4.0, 6.0
    buys, _ = quad(lambda g: gamma.pdf(g, k, scale=1 / (k * rate)) * math.exp(-dropout * g), silence, silence + ahead)
    expected = buys / likelihood.probability_of_silence(np.array([silence]), traits(k, rate, dropout))[0]
    found = likelihood.probability_of_purchase(ahead, np.array([silence]), traits(k, rate, dropout))[0]
    assert found == pytest.approx(expected, rel=1e-9)


def test_with_k_of_one_the_likelihood_is_the_pareto_nbds():
    """ln L = x ln(lambda) + ln(mu / (lambda + mu) e^(-(lambda + mu) t_x) + lambda / (lambda + mu) e^(-(lambda + mu) T))."""
    x, last, now, rate, dropout = 4, 20.0, 33.0, 0.15, 0.01
    both = rate + dropout
    mixed = dropout / both * math.exp(-both * last) + rate / both * math.exp(-both * now)
    seen = Seen(*(np.array([value], dtype=np.float64) for value in (x, last, now - last, 5.0)))
    found = likelihood.log_likelihood(seen, traits(1, rate, dropout))[0] - dropout * last
    assert found == pytest.approx(x * math.log(rate) + math.log(mixed), rel=1e-12)


def test_regular_gaps_add_the_erlang_density():
    gaps, k, rate = [2.0, 3.0, 1.5], 3.0, 0.4
    seen = Seen(*(np.array([value]) for value in (3.0, 6.5, 0.0, float(np.log(gaps).sum()))))
    expected = sum(gamma.logpdf(gap, k, scale=1 / (k * rate)) for gap in gaps)
    assert likelihood.log_likelihood(seen, traits(k, rate, 1e-9))[0] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    ("k", "rate", "dropout", "silence"), [(4, 0.5, 0.02, 30), (2, 0.05, 0.01, 5), (0.5, 0.1, 3, 20)]
)
@pytest.mark.parametrize("on_grid", [False, True])
def test_ends_of_lives_have_their_density(monkeypatch, k, rate, dropout, silence, on_grid):
    """Long silences, short ones and high rates of leaving take different ways; the grid is for who is left of all."""
    if on_grid:
        monkeypatch.setattr(end_of_life, "_MOST_ROUNDS", 0)
    n = 40_000
    found = draw_ends(np.full(n, float(silence)), traits(k, rate, dropout, n), np.random.default_rng(3))

    def weigh(power):
        return quad(lambda u: u**power * math.exp(-dropout * u) * gammaincc(k, k * rate * u), 0, silence, limit=200)[0]

    mean, square = weigh(1) / weigh(0), weigh(2) / weigh(0)
    deviation = math.sqrt(square - mean**2)
    assert found.mean() == pytest.approx(mean, abs=4 * deviation / math.sqrt(n) + 1e-3 * mean)
    assert found.std() == pytest.approx(deviation, rel=0.02)
    assert found.max() <= silence


def test_futures_agree_with_what_is_exact():
    n, silence, ahead = 60_000, 4.0, 10.0
    regular = traits(3.2, 0.2, 0.03, n)
    counts = draw_counts(ahead, np.full(n, silence), regular, np.random.default_rng(5))
    own = traits(3.2, 0.2, 0.03)
    alive = likelihood.probability_alive(np.array([silence]), own)[0]
    exact = likelihood.probability_of_purchase(ahead, np.array([silence]), own)[0]
    assert (counts > 0).mean() * alive == pytest.approx(exact, abs=0.006)
    random = draw_counts(ahead, np.full(n, silence), traits(1, 0.2, 0.03, n), np.random.default_rng(6))
    assert random.mean() == pytest.approx(0.2 / 0.03 * (1 - math.exp(-0.3)), rel=0.02)


def test_a_spread_is_drawn_from_its_posterior():
    """The posterior mean of the shape, on a grid of the two-dimensional density."""
    rng = np.random.default_rng(8)
    values = rng.gamma(1.7, 1 / 0.4, 60)
    spread, shapes, means = Spread(1.0, 1.0), [], []
    for _ in range(4000):
        spread = draw_spread(values, spread, rng)
        shapes.append(spread.shape)
        means.append(spread.shape / spread.rate)
    shape, rate = np.meshgrid(np.linspace(0.8, 3.5, 300), np.linspace(0.1, 1.0, 300), indexing="ij")
    height = 60 * (shape * np.log(rate) - gammaln(shape)) + shape * np.log(values).sum() - rate * values.sum()
    weight = np.exp(height - height.max()) / (shape * rate)
    assert np.mean(shapes) == pytest.approx((weight * shape).sum() / weight.sum(), rel=0.02)
    assert np.std(shapes) == pytest.approx(
        math.sqrt((weight * shape**2).sum() / weight.sum() - ((weight * shape).sum() / weight.sum()) ** 2), rel=0.08
    )
    assert np.mean(means) == pytest.approx(values.mean(), rel=0.03)


def test_customers_of_whom_nothing_is_known_move_along_and_change_nothing():
    """Forty free customers without data, drawn anew after each move: the spread is that of the sixty others alone."""
    rng = np.random.default_rng(12)
    values = rng.gamma(1.7, 1 / 0.4, 100)
    is_free = np.arange(100) >= 60
    moving, spread, logs = Regrouping(is_free), Spread(1.7, 0.4), []
    for step in range(12_000):
        values[is_free] = rng.gamma(spread.shape, 1 / spread.rate, 40)
        values, spread, _ = moving.move(values, spread, np.zeros(100), np.zeros_like, rng, adapts=step < 1000)
        if step >= 1000:
            logs.append((math.log(spread.shape), math.log(spread.shape / spread.rate)))
    shape, rate = np.meshgrid(np.geomspace(0.6, 4.5, 300), np.geomspace(0.1, 1.5, 300), indexing="ij")
    known = values[~is_free]
    height = 60 * (shape * np.log(rate) - gammaln(shape)) + shape * np.log(known).sum() - rate * known.sum()
    weight = np.exp(height - height.max())  # on logarithms, of which the prior is flat
    weight /= weight.sum()
    middle = (weight * np.log(shape)).sum()
    found = np.array(logs)
    assert found[:, 0].mean() == pytest.approx(middle, abs=0.03)
    assert found[:, 0].std() == pytest.approx(math.sqrt((weight * (np.log(shape) - middle) ** 2).sum()), rel=0.15)
    assert found[:, 1].mean() == pytest.approx((weight * np.log(shape / rate)).sum(), abs=0.02)


def test_lifetimes_are_drawn_from_their_posterior():
    """Of 300 Pareto lifetimes, of which those above 20 are not over: the mean of s, on a grid of the density."""
    rng = np.random.default_rng(9)
    lived = lomax.rvs(1.2, scale=10, size=300, random_state=10)
    has_left = lived < 20
    lived = np.minimum(lived, 20)
    spread, shapes = Spread(1.0, 10.0), []
    for _ in range(4000):
        spread, rates = draw_lifetimes(lived, has_left, spread, rng)
        shapes.append(spread.shape)
    shape, rate = np.meshgrid(np.geomspace(0.3, 12, 400), np.geomspace(1.5, 200, 400), indexing="ij")
    height = has_left.sum() * np.log(shape) - 0.001 * (shape + rate)
    height += sum(
        shape * np.log(rate / (rate + own)) - left * np.log(rate + own)
        for own, left in zip(lived, has_left, strict=True)
    )
    weight = np.exp(height - height.max())  # on logarithms, of which the prior is flat
    assert np.mean(np.log(shapes)) == pytest.approx((weight * np.log(shape)).sum() / weight.sum(), abs=0.03)
    assert rates.shape == (300,)


def test_a_shop_is_recovered():
    """1,500 customers whose purchases were drawn one by one: parameters, who is alive, and what comes in a year."""
    x, last, now, log_gaps, is_alive, later = draw_shop(1, 1500, ahead=52)
    model = ParetoGGG(burn_in=300, steps=700, kept=50).fit(x, last, now, log_gaps)
    outside = [
        name for name in TRUTH if not model.interval(name, 0.98)[0] < TRUTH[name] < model.interval(name, 0.98)[1]
    ]
    assert outside == []
    assert model.probability_alive().sum() == pytest.approx(is_alive.sum(), rel=0.06)
    futures = model.draw(52)
    low, high = np.quantile(futures.sum(axis=1), [0.01, 0.99])
    assert low < later.sum() < high
    assert model.expected_purchases(52).sum() == pytest.approx(futures.sum(axis=1).mean(), rel=0.03)
    assert model.probability_of_purchase(52).sum() == pytest.approx((later > 0).sum(), rel=0.06)
    plain = ParetoNBD().fit(x, last, now).expected_purchases(52, x, last, now)
    assert np.abs(model.expected_purchases(52) - later).mean() < np.abs(plain - later).mean()


def test_the_seed_decides_and_chains_differ():
    x, last, now, log_gaps, *_ = draw_shop(2, 80)
    one, again, other = (
        ParetoGGG(burn_in=20, steps=40, kept=10, seed=seed).fit(x, last, now, log_gaps) for seed in (4, 4, 5)
    )
    assert one.params_ == again.params_ != other.params_
    assert one.expected_purchases(10).tolist() == again.expected_purchases(10).tolist()
    assert one.draws_["t"][0].tolist() != one.draws_["t"][1].tolist()
    assert one.customers_.rate.shape == (20, 80)


def test_invalid_input_is_named():
    x, last, now, log_gaps, *_ = draw_shop(2, 80)
    with pytest.raises(HistoryError, match="log_gaps"):
        ParetoGGG().fit(x, last, now, log_gaps[:-1])
    with pytest.raises(HistoryError, match="log_gaps"):
        ParetoGGG().fit(x, last, now, np.where(x > 2, -np.inf, log_gaps))
    with pytest.raises(ParameterError, match="chains"):
        ParetoGGG(chains=0)
    with pytest.raises(ParameterError, match="steps"):
        ParetoGGG(steps=50)
    with pytest.raises(NotFittedError):
        ParetoGGG().expected_purchases(10)


def test_chains_that_stand_apart_are_told():
    rng = np.random.default_rng(1)
    together = np.exp(rng.normal(0, 1, (2, 2000)))
    apart = np.exp(rng.normal([[0], [3]], 1, (2, 2000)))
    assert judge_chains({"t": together}).has_converged
    assert not judge_chains({"t": together, "r": apart}).has_converged
    assert "(r)" in judge_chains({"t": together, "r": apart}).message
    assert compute_r_hat(np.log(apart)) > 1.5


def test_effective_draws_of_dependent_ones():
    """An autoregressive chain of coefficient .8 is worth (1 - .8) / (1 + .8) of its length."""
    rng = np.random.default_rng(2)
    chain = np.zeros((2, 20_000))
    for step in range(1, chain.shape[1]):
        chain[:, step] = 0.8 * chain[:, step - 1] + rng.standard_normal(2)
    assert count_effective_draws(chain) == pytest.approx(40_000 * 0.2 / 1.8, rel=0.1)
    assert count_effective_draws(rng.standard_normal((2, 20_000))) == pytest.approx(40_000, rel=0.1)


def test_no_run_can_take_it():
    """It takes an hour and more at a million customers, so it is neither a setting nor a candidate."""
    with pytest.raises(ValidationError, match="pareto_nbd"):
        PurchasePredictions(model="pareto_ggg")
    assert ParetoGGG.name not in list_models()


@pytest.mark.soak
def test_intervals_hold_the_truth_as_often_as_they_say():
    """20 shops of 500 customers, six 90% intervals each: 120, of which 108 are expected to hold it.

    Shape and rate of one distribution stand and fall together: 60 pairs, of which the number of intervals has a standard
    deviation of 4.6 at most. The bound is three of them away.
    """
    inside, totals = dict.fromkeys(TRUTH, 0), 0
    for seed in range(20):
        x, last, now, log_gaps, _, later = draw_shop(100 + seed, 500, ahead=52)
        model = ParetoGGG(burn_in=400, steps=1600, seed=seed).fit(x, last, now, log_gaps)
        for name, truth in TRUTH.items():
            low, high = model.interval(name, 0.9)
            inside[name] += low < truth < high
        low, high = np.quantile(model.draw(52).sum(axis=1), [0.05, 0.95])
        totals += low < later.sum() < high
    print(inside, totals)
    assert sum(inside.values()) >= 94
    assert totals >= 15
