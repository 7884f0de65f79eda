"""Covariates in the models of purchases and of spend: against the papers' laws, plain models, and known effects."""

from __future__ import annotations

import json

import mpmath as mp
import numpy as np
import pytest
from scipy.stats import binom

from patron.predict import BGBB, BGNBD, MBGCNBDK, MBGNBD, GammaGamma, ParetoNBD, lifetime_value
from patron.predict.errors import HistoryError, NotIdentifiableError, ParameterError
from patron.simulate import histories
from predict.models import laws
from predict.models.drawn_customers import LAWS, SPEND

KINDS = [BGNBD, MBGNBD, ParetoNBD]
PURCHASE, DROPOUT = {"online": 0.4, "age": -0.01}, {"online": -0.5}


def shop(kind, n, seed, purchase=PURCHASE, dropout=DROPOUT):
    """Histories of n customers, drawn with these effects, and the covariates: a yes or no, and a number."""
    rng = np.random.default_rng(seed)
    draw, truth = LAWS[kind]
    known = {"online": rng.integers(0, 2, n).astype(float), "age": rng.integers(2, 8, n) * 10.0}
    faster, sooner = (np.exp(sum(by * known[name] for name, by in own.items())) for own in (purchase, dropout))
    own = truth | {"alpha": truth["alpha"] / faster}
    own |= {"beta": truth["beta"] / sooner} if kind is ParetoNBD else {"a": truth["a"] * sooner}
    return draw(own, rng.uniform(1, 104, n), rng), known


def fitted(kind, n, seed, **effects):
    history, known = shop(kind, n, seed, **effects)
    model = kind().fit(*history, purchase_covariates=known, dropout_covariates={"online": known["online"]})
    return model, history, known


def estimates(model):
    return {(one.process, one.covariate): one.estimate for one in model.effects_}


@pytest.mark.parametrize("kind", KINDS)
def test_the_likelihood_is_that_of_the_papers_at_each_customers_parameters(kind):
    model, history, known = fitted(kind, 40, 1)
    at = estimates(model)
    total = mp.mpf(0)
    for x, last, now, online, age in zip(*history, known["online"], known["age"], strict=True):
        own = dict(model.params_)
        own["alpha"] *= np.exp(-at["purchase", "online"] * online - at["purchase", "age"] * age)
        own["beta" if kind is ParetoNBD else "a"] *= np.exp(
            at["dropout", "online"] * online * (-1 if kind is ParetoNBD else 1)
        )
        one = (x, last, now)
        terms = (
            laws.pareto_terms(own.values(), one)
            if kind is ParetoNBD
            else laws.beta_geometric_terms(own.values(), one, kind.first_coin)
        )
        total += mp.log(sum(terms))
    assert model.log_likelihood_ == pytest.approx(float(total), abs=1e-7)


@pytest.mark.parametrize("kind", KINDS)
def test_no_near_parameters_are_likelier_and_the_errors_are_those_of_the_curvature(kind):
    """By the plain likelihood of each group of customers: no derivative is taken from the fit."""
    history, known = shop(kind, 1500, 2, purchase={"online": 0.4}, dropout=DROPOUT)
    online = {"online": known["online"]}
    model = kind().fit(*history, purchase_covariates=online, dropout_covariates=online)
    groups = [tuple(column[known["online"] == at] for column in history) for at in (0, 1)]
    center = np.append(np.log(model._values()), [one.estimate for one in model.effects_])

    def height(place):
        other = model._moved(place)
        each = [other.given(*[{"online": at}] * 2).models[0] for at in (0, 1)]
        plain = [one._likelihood(one._prepare(as_histories(own))) for one, own in zip(each, groups, strict=True)]
        return sum(own.value(np.log(one._values())) for own, one in zip(plain, each, strict=True))

    assert height(center) == pytest.approx(model.log_likelihood_, abs=1e-8)
    step, size = 2e-3, len(center)
    moves = np.eye(size) * step
    slopes = np.array([height(center + move) - height(center - move) for move in moves]) / (2 * step)
    curves = np.array(
        [
            [
                sum(a * b * height(center + a * one + b * other) for a in (1, -1) for b in (1, -1)) / (4 * step**2)
                for other in moves
            ]
            for one in moves
        ]
    )
    assert np.sqrt(slopes @ model.covariance_log_ @ slopes) < 1e-2
    np.testing.assert_allclose(np.linalg.inv(-curves), model.covariance_log_, rtol=2e-2, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_reference_is_and_the_unit_change_nothing_but_the_words(kind):
    history, known = shop(kind, 800, 3)
    model = kind().fit(*history, purchase_covariates=known)
    other = kind().fit(
        *history, purchase_covariates={"offline": 1 - known["online"], "months": known["age"] * 12 + 600}
    )
    mine, theirs = estimates(model), estimates(other)
    assert other.log_likelihood_ == pytest.approx(model.log_likelihood_, abs=1e-6)
    assert theirs["purchase", "offline"] == pytest.approx(-mine["purchase", "online"], abs=1e-4)
    assert theirs["purchase", "months"] == pytest.approx(mine["purchase", "age"] / 12, abs=1e-6)
    assert [one.z for one in other.effects_] == pytest.approx([-model.effects_[0].z, model.effects_[1].z], rel=1e-3)
    shift = mine["purchase", "online"] - mine["purchase", "age"] * 50
    assert other.params_["alpha"] == pytest.approx(model.params_["alpha"] * np.exp(-shift), rel=1e-3)


@pytest.mark.parametrize("kind", KINDS)
def test_weights_are_customers_with_the_same_covariates(kind):
    history, known = shop(kind, 300, 4)
    times = np.random.default_rng(5).integers(1, 4, 300)
    weighted = kind().fit(*history, times, purchase_covariates=known)
    repeated = kind().fit(
        *(np.repeat(column, times) for column in history),
        purchase_covariates={name: np.repeat(column, times) for name, column in known.items()},
    )
    assert weighted.log_likelihood_ == pytest.approx(repeated.log_likelihood_, rel=1e-10)
    for one, other in zip(weighted.effects_, repeated.effects_, strict=True):
        assert (one.estimate, one.standard_error) == pytest.approx((other.estimate, other.standard_error), rel=1e-3)


@pytest.mark.parametrize("kind", [*KINDS, MBGCNBDK])
def test_given_covariates_predict_as_the_plain_model_with_the_multiplied_parameters(kind):
    plain = {"k": 2, **LAWS[MBGNBD][1]} if kind is MBGCNBDK else LAWS[kind][1]
    model = kind.from_params(plain).with_effects({"online": 0.4, "age": -0.01}, {"online": -0.5})
    people = {"online": [0.0, 1.0, 1.0], "age": [20.0, 20.0, 60.0]}
    given = model.given(people, {"online": people["online"]})
    history = np.array([0.0, 2.0, 5.0]), np.array([0.0, 10.0, 30.0]), np.array([20.0, 30.0, 40.0])
    for place in range(3):
        online, age = (column[place] for column in people.values())
        own = dict(plain) | {"alpha": plain["alpha"] * np.exp(-0.4 * online + 0.01 * age)}
        own |= (
            {"beta": plain["beta"] * np.exp(0.5 * online)}
            if kind is ParetoNBD
            else {"a": plain["a"] * np.exp(-0.5 * online)}
        )
        alone, mine = kind.from_params(own), [column[place] for column in history]
        for ask in (
            lambda one, of: one.probability_alive(*of),
            lambda one, of: one.expected_purchases(26, *of),
            lambda one, of: one.probability_of_purchase(26, *of),
            lambda one, of: np.stack(one.probability_of_counts(26, *of)),
            lambda one, of: one.time_to_purchase(0.1, *of, 1000.0),
            lambda one, of: one.discounted_purchases(52, 0.002, *of),
            lambda one, _: one.expected_purchases_new(52),
            lambda one, of: one.expected_while_alive(26, of[0], of[2]),
        ):
            np.testing.assert_allclose(ask(given, history)[..., place], ask(alone, mine), rtol=1e-6)
    one = model.given({"online": 1, "age": 20}, {"online": 1})
    np.testing.assert_allclose(one.probability_alive(*history)[1], given.probability_alive(*history)[1])
    drawn = given.simulate(26, *history, np.random.default_rng(1))
    assert (drawn.shape, (drawn >= 0).all()) == ((3,), True)


def test_dropout_has_the_form_that_is_asked_for():
    history, known = shop(MBGNBD, 2000, 6)
    online = {"online": known["online"]}
    by_form = {form: MBGNBD().fit(*history, dropout_covariates=online, dropout_form=form) for form in ("odds", "each")}
    assert [one.parameters for one in by_form["each"].effects_] == [{"a": 1.0}, {"b": 1.0}]
    assert by_form["each"].log_likelihood_ >= by_form["odds"].log_likelihood_ - 1e-6
    shared = MBGNBD.from_params(LAWS[MBGNBD][1]).with_effects(dropout={"online": 0.7}, dropout_form="shared")
    at = shared.given(dropout_covariates={"online": 1}).models[0].params_
    assert at["a"] / at["b"] == pytest.approx(0.891 / 1.614)
    assert at["a"] == pytest.approx(0.891 * np.exp(0.7))
    with pytest.raises(ParameterError, match="odds, shared, each"):
        MBGNBD().fit(*history, dropout_covariates=online, dropout_form="rate")


def test_regular_buyers_have_effects_too():
    rng = np.random.default_rng(7)
    online = rng.integers(0, 2, 4000).astype(float)
    truth = {"k": 3.0, "r": 0.85, "alpha": 1.45 * np.exp(-0.6 * online), "a": 0.79, "b": 2.42}
    history, log_gaps = histories.mbg_cnbd_k(truth, rng.uniform(1, 104, 4000), rng)
    model = MBGCNBDK().fit(*history, log_gaps=log_gaps, purchase_covariates={"online": online})
    assert model.params_["k"] == 3
    assert abs(model.effects_[0].estimate - 0.6) < 3 * model.effects_[0].standard_error < 0.4


@pytest.mark.parametrize("kind", [*KINDS, GammaGamma])
def test_a_stored_model_predicts_the_same(kind):
    if kind is GammaGamma:
        (orders, means), known = spenders(400, 8)
        model = GammaGamma().fit(orders, means, covariates=known)
        ask = lambda one: one.given(known).expected_spend(orders, means)  # noqa: E731
    else:
        model, history, known = fitted(kind, 400, 8)
        ask = lambda one: one.given(known, {"online": known["online"]}).expected_purchases(26, *history)  # noqa: E731
    again = kind.from_dict(json.loads(json.dumps(model.to_dict())))
    assert again.effects_ == model.effects_
    np.testing.assert_array_equal(ask(again), ask(model))


def test_a_model_shows_its_effects():
    model = BGNBD.from_params(LAWS[BGNBD][1]).with_effects({"online": 0.4}, {"age": -0.01})
    assert repr(model) == ("BGNBD(r=0.2426, alpha=4.414, a=0.7929, b=2.426, purchase online=0.4, dropout age=-0.01)")
    assert repr(BGNBD()) == "BGNBD(not fitted)"


def test_draws_spread_as_the_effects_do():
    model, _, _ = fitted(BGNBD, 800, 9)
    drawn = np.array([[one.estimate for one in other.effects_] for other in model.draws(2000, 1)])
    errors = [one.standard_error for one in model.effects_]
    np.testing.assert_allclose(drawn.std(axis=0), errors, rtol=0.1)
    np.testing.assert_allclose(drawn.mean(axis=0), [one.estimate for one in model.effects_], atol=0.1 * max(errors))


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"always": np.ones(400)}, "always is 1 for every customer"),
        ({"tenth": np.full(400, 0.1)}, "tenth is 0.1 for every customer"),
        ({"a": np.arange(400) % 2, "b": 1 - np.arange(400) % 2}, "b is determined by a"),
        (
            {"a": np.arange(400) % 3 == 0, "b": np.arange(400) % 3 == 1, "c": np.arange(400) % 3 == 2},
            "c is determined by a, b",
        ),
        ({"income": np.arange(400) * 1e6, "thousands": np.arange(400) * 1e3 + 7}, "thousands is determined by income"),
    ],
)
def test_covariates_without_an_effect_of_their_own_are_refused_by_name(columns, said):
    history, _ = shop(BGNBD, 400, 10)
    (orders, means), _ = spenders(400, 10)
    for process in ("purchase_covariates", "dropout_covariates"):
        with pytest.raises(NotIdentifiableError, match=said):
            BGNBD().fit(*history, **{process: columns})
    with pytest.raises(NotIdentifiableError, match=said):
        GammaGamma().fit(orders, means, covariates=columns)


@pytest.mark.parametrize("kind", KINDS)
def test_a_level_of_which_nobody_came_back_is_told_and_hurts_no_other_effect(kind):
    (x, last, now), known = shop(kind, 2000, 16, purchase={"online": 0.4}, dropout={})
    gone = (np.arange(2000) % 10 == 0).astype(float)
    history = np.where(gone == 1, 0, x), np.where(gone == 1, 0, last), now
    model = kind().fit(*history, purchase_covariates={"online": known["online"], "gone": gone})
    assert model.convergence_.at_edge == ("purchase effect of gone",)
    assert "do not determine purchase effect of gone" in model.convergence_.message
    rest = gone == 0
    others = kind().fit(*(column[rest] for column in history), purchase_covariates={"online": known["online"][rest]})
    assert model.effects_[0].estimate == pytest.approx(others.effects_[0].estimate, abs=1e-3)
    assert model.effects_[0].standard_error == pytest.approx(others.effects_[0].standard_error, rel=1e-2)


def test_what_is_wrong_with_covariates_is_said():
    history, known = shop(BGNBD, 400, 11)
    wrong = [
        ({"online": known["online"][:9]}, "9 rows for 400"),
        ({"online": np.where(known["age"] > 40, np.nan, 1.0)}, "online nan is not a number"),
        ({"online": ["yes"] * 400}, "online is not numeric"),
        ({}, "no columns"),
        (np.zeros((400, 2, 2)), "3 dimensions"),
    ]
    for columns, said in wrong:
        with pytest.raises(HistoryError, match=said):
            BGNBD().fit(*history, purchase_covariates=columns)
    with pytest.raises(ParameterError, match="no covariates"):
        BGBB().fit([1, 0], [1, 0], [3, 3], purchase_covariates={"online": [0, 1]})


def test_a_model_with_covariates_predicts_for_nobody_without_them():
    model, history, known = fitted(BGNBD, 400, 12)
    (orders, means), _ = spenders(400, 12)
    spend = GammaGamma().fit(orders, means, covariates={"online": known["online"]})
    for ask in (
        lambda: model.probability_alive(*history),
        lambda: model.expected_purchases_new(52),
        lambda: spend.expected_spend(orders, means),
        lambda: spend.population_mean,
    ):
        with pytest.raises(ParameterError, match="not told whose"):
            ask()
    with pytest.raises(ParameterError, match="needs dropout_covariates: online"):
        model.given(known)
    with pytest.raises(ParameterError, match="takes the dropout_covariates online, not age, online"):
        model.given(known, {"age": 1, "online": 1})
    with pytest.raises(HistoryError, match="400 and 3"):
        model.given(known, {"online": [0, 1, 0]})
    with pytest.raises(HistoryError, match="do not match 400"):
        model.given(known, {"online": 1}).probability_alive([0, 1], [0, 1], [3, 3])
    with pytest.raises(ParameterError, match="has no covariates"):
        BGNBD.from_params(LAWS[BGNBD][1]).given(known)


def test_arrays_and_tables_are_covariates_too():
    import pyarrow as pa

    history, known = shop(MBGNBD, 400, 13)
    named = MBGNBD().fit(*history, purchase_covariates=known)
    table = MBGNBD().fit(*history, purchase_covariates=pa.table(known))
    array = MBGNBD().fit(*history, purchase_covariates=np.stack(list(known.values()), axis=1))
    assert [one.covariate for one in array.effects_] == ["1", "2"]
    assert [one.covariate for one in table.effects_] == ["online", "age"]
    assert list(estimates(named).values()) == list(estimates(table).values()) == list(estimates(array).values())
    np.testing.assert_array_equal(
        named.given(np.stack(list(known.values()), axis=1)).probability_alive(*history),
        array.given(np.stack(list(known.values()), axis=1)).probability_alive(*history),
    )


def spenders(n, seed, effect=0.3):
    """Orders and mean values of n customers, of whom those who are online spend e^effect times as much."""
    rng = np.random.default_rng(seed)
    online, orders = rng.integers(0, 2, n).astype(float), rng.integers(0, 6, n).astype(float)
    own = SPEND.params_ | {"gamma": SPEND.params_["gamma"] * np.exp(effect * online)}
    return (orders, histories.mean_values(own, orders, rng)), {"online": online}


def test_the_likelihood_of_spend_is_the_papers_at_each_customers_scale():
    (orders, means), known = spenders(60, 14)
    model = GammaGamma().fit(orders, means, covariates=known)
    p, q, gamma = model.params_.values()
    total = sum(
        laws.gamma_gamma_log((p, q, gamma * np.exp(model.effects_[0].estimate * online)), x, m)
        for x, m, online in zip(orders, means, known["online"], strict=True)
        if x > 0
    )
    assert model.log_likelihood_ == pytest.approx(float(total), abs=1e-7)
    given = model.given(known)
    plain = GammaGamma.from_params({"p": p, "q": q, "gamma": gamma * model.effects_[0].multiplier})
    is_online = known["online"] == 1
    np.testing.assert_allclose(
        given.expected_spend(orders, means)[is_online], plain.expected_spend(orders[is_online], means[is_online])
    )
    ratio = model.given({"online": [0, 1]}).population_mean
    assert ratio[1] / ratio[0] == pytest.approx(model.effects_[0].multiplier)


def test_lifetime_value_is_of_given_covariates_too():
    """Value by hand: the purchases of each customer's own model, worth what their own spend model expects."""
    known = spenders(300, 15)[1]
    means = np.random.default_rng(15).gamma(5, 8, 300)
    history, _ = shop(BGNBD, 300, 15)
    model = BGNBD.from_params(LAWS[BGNBD][1]).with_effects({"online": 0.4}, {"online": -0.5})
    spend = SPEND.with_effects({"online": 0.3})
    found = lifetime_value(model.given(known, known), spend.given(known), *history, means, annual_rate=0.1)
    is_online = known["online"] == 1
    plain = LAWS[BGNBD][1]
    for rows, alpha, a, scale in ((is_online, np.exp(-0.4), np.exp(-0.5), np.exp(0.3)), (~is_online, 1, 1, 1)):
        own = BGNBD.from_params(plain | {"alpha": plain["alpha"] * alpha, "a": plain["a"] * a})
        paid = GammaGamma.from_params(SPEND.params_ | {"gamma": SPEND.params_["gamma"] * scale})
        by_hand = lifetime_value(own, paid, *(one[rows] for one in history), means[rows], annual_rate=0.1)
        assert set(found) == set(by_hand) == {"expected_spend", "value_1y", "value_3y", "value_5y", "residual_value"}
        for name, values in by_hand.items():
            np.testing.assert_allclose(found[name][rows], values, rtol=1e-6)


def covered(estimate, truth):
    return estimate.low_95 < truth < estimate.high_95


def check_rate(hits, of, rate=0.95):
    """The count is one that a binomial of the nominal rate has in 9,999 of 10,000 cases."""
    low, high = binom.ppf(5e-5, of, rate), binom.ppf(1 - 5e-5, of, rate)
    assert low <= hits <= high, (hits, of)


def count_covered(kind, repeats, purchase, dropout, n=1500):
    """Count intervals over the true effect, for each effect, and p values below 5%."""
    hits, alarms = np.zeros(3), np.zeros(3)
    truth = [purchase["online"], purchase["age"], dropout["online"]]
    for seed in range(repeats):
        model, _, _ = fitted(kind, n, 1000 + seed, purchase=purchase, dropout=dropout)
        hits += [covered(one, at) for one, at in zip(model.effects_, truth, strict=True)]
        alarms += [one.p_value < 0.05 for one in model.effects_]
    return hits, alarms


@pytest.mark.parametrize("kind", KINDS)
def test_known_effects_on_purchases_and_dropout_are_covered(kind):
    hits, alarms = count_covered(kind, 30, PURCHASE, DROPOUT)
    for count in hits:
        check_rate(count, 30)
    assert alarms[0] > 15


@pytest.mark.soak
@pytest.mark.parametrize("kind", KINDS)
def test_known_effects_are_covered_at_the_nominal_rate(kind):
    hits, _ = count_covered(kind, 300, PURCHASE, DROPOUT)
    for count in hits:
        check_rate(count, 300)


@pytest.mark.soak
@pytest.mark.parametrize("kind", KINDS)
def test_where_nothing_has_an_effect_one_in_twenty_is_an_alarm(kind):
    _, alarms = count_covered(kind, 300, {"online": 0.0, "age": 0.0}, {"online": 0.0})
    for count in alarms:
        check_rate(count, 300, 0.05)


@pytest.mark.parametrize("effect", [0.0, 0.3])
def test_known_effects_on_spend_are_covered_at_the_nominal_rate(effect):
    hits = []
    for seed in range(200):
        (orders, means), known = spenders(600, 2000 + seed, effect)
        one = GammaGamma().fit(orders, means, covariates=known).effects_[0]
        hits.append(covered(one, effect))
        assert (one.p_value < 0.05) == (not covered(one, 0.0))
    check_rate(sum(hits), 200)


def as_histories(columns):
    from patron.predict.models.histories import to_histories

    return to_histories(*columns)
