"""Wrong or insufficient customers: a clear statement, never a NaN."""

from __future__ import annotations

import math

import numpy as np
import pytest

from patron.errors import PatronError
from patron.predict import BGBB, BGNBD, MBGNBD, GammaGamma, ParetoNBD
from patron.predict.errors import HistoryError, NotFittedError, NotIdentifiableError, ParameterError

CONTINUOUS = [BGNBD, MBGNBD, ParetoNBD]
WRONG = {
    "no customers": ([], [], []),
    "not a number": ([2, math.nan], [3, 0], [5, 4]),
    "below 0": ([2, -1], [3, 0], [5, 4]),
    "is not a number": ([2, 1], [3, 1], [5, math.inf]),
    "above the customer's age": ([2, 1], [3, 7], [5, 4]),
    "without a repeat purchase": ([2, 0], [3, 1], [5, 4]),
    "differ in length": ([2, 0], [3], [5, 4]),
    "is not numeric": (["a", 0], [3, 1], [5, 4]),
    "2 dimensions": ([[2, 0]], [[3, 0]], [[5, 4]]),
}
NOTHING_TOLD = {
    "None of 10 customers bought twice": ([0] * 10, [0] * 10, range(10)),
    "same history": ([2] * 10, [3] * 10, [5] * 10),
    "All 1 customers": ([2], [3], [5]),
    "no time has passed": ([2, 1], [0, 0], [0, 0]),
}


@pytest.mark.parametrize("kind", CONTINUOUS)
@pytest.mark.parametrize("what", WRONG)
def test_wrong_histories_are_refused(kind, what):
    with pytest.raises(HistoryError, match=what):
        kind().fit(*WRONG[what])


@pytest.mark.parametrize("kind", CONTINUOUS)
@pytest.mark.parametrize("what", NOTHING_TOLD)
def test_uninformative_histories_are_refused(kind, what):
    with pytest.raises(NotIdentifiableError, match=what):
        kind().fit(*(list(column) for column in NOTHING_TOLD[what]))


def test_the_wrong_entry_is_named():
    with pytest.raises(HistoryError) as error:
        BGNBD().fit([1, 2, 1, 3], [1, 2, 9, 9], [5, 5, 5, 5])
    assert (error.value.what, error.value.where) == (
        "recency 9 is above the customer's age.",
        "recency, entry 2 and 1 more",
    )
    assert "one unit of time" in error.value.do


@pytest.mark.parametrize("weights", [[1, 0], [1, -2], [1, math.nan], [1, math.inf], [1]])
def test_weights_are_above_0(weights):
    with pytest.raises(HistoryError):
        BGNBD().fit([1, 0], [1, 0], [3, 4], weights)


@pytest.mark.parametrize("kind", CONTINUOUS)
def test_questions_are_looked_over_too(kind):
    model = kind.from_params(dict.fromkeys(kind.parameter_names, 1.0))
    for ask in (
        lambda: model.probability_alive(1, 5, 4),
        lambda: model.probability_alive(math.nan, 5, 9),
        lambda: model.probability_alive([1, 2], [1, 2, 3], 9),
        lambda: model.expected_purchases(-1, 1, 2, 3),
        lambda: model.expected_purchases(math.inf, 1, 2, 3),
        lambda: model.expected_purchases("soon", 1, 2, 3),
        lambda: model.discounted_purchases(10, -0.1, 1, 2, 3),
        lambda: model.discounted_purchases(math.inf, 0.0, 1, 2, 3),
        lambda: model.discounted_purchases(10, 0.1, 1, 2, 3, step=0),
        lambda: model.discounted_purchases(10, 0.1, 1, 2, 3, step=1e-9),
    ):
        with pytest.raises(HistoryError):
            ask()


@pytest.mark.parametrize("rows", [([1.5], [2], [3]), ([1], [2.5], [3]), ([3], [2], [5]), ([1], [2], [99_999])])
def test_opportunities_are_integers(rows):
    with pytest.raises(HistoryError):
        BGBB().fit(*rows)
    with pytest.raises(HistoryError):
        BGBB.from_params(dict.fromkeys(BGBB.parameter_names, 1.0)).expected_purchases(1.5, 1, 2, 3)


def test_parameters_are_looked_over():
    for wrong in ({"r": 1}, {"r": 1, "alpha": 1, "a": 1, "b": 0}, {"r": 1, "alpha": 1, "a": 1, "b": math.nan}):
        with pytest.raises(ParameterError):
            BGNBD.from_params(wrong)
    with pytest.raises(ParameterError, match="This is a BGNBD"):
        MBGNBD.from_dict(BGNBD.from_params(dict.fromkeys("r alpha a b".split(), 1.0)).to_dict())
    with pytest.raises(ParameterError):
        BGNBD(penalty=-1)


def test_a_model_without_parameters_says_so():
    for kind in (*CONTINUOUS, BGBB):
        with pytest.raises(NotFittedError):
            kind().probability_alive(1, 2, 3)
        with pytest.raises(NotFittedError):
            kind.from_params(dict.fromkeys(kind.parameter_names, 1.0)).draws(2, 1)
    with pytest.raises(NotFittedError):
        GammaGamma().expected_spend(1, 2)
    assert repr(BGNBD()) == "BGNBD(not fitted)"


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("kind", CONTINUOUS)
@pytest.mark.parametrize(
    "rows",
    [
        ([2, 0], [3, 0], [5, 4]),
        ([2, 1, 0], [3, 1, 0], [5, 4, 9]),
        ([1, *[0] * 99], [3, *[0] * 99], [10] * 100),
        ([1, 5000, 3], [1e-9, 99, 2], [1e-9, 100, 900]),
        ([3, 2, 0, 9], [5, 6, 0, 7], [5, 6, 0, 7]),
    ],
)
def test_hardly_any_customers_give_numbers_or_a_statement(kind, rows):
    x, last, now = (np.array(column, dtype=float) for column in rows)
    try:
        model = kind().fit(x, last, now)
    except PatronError as error:
        assert error.do
        return
    answers = (
        model.expected_purchases(10, x, last, now),
        model.probability_alive(x, last, now),
        model.probability_of_purchase(10, x, last, now),
        model.covariance_log_,
        np.array([model.log_likelihood_, *model.standard_errors_.values()]),
    )
    assert all(np.isfinite(answer).all() for answer in answers)
    assert model.convergence_.at_edge
    assert "do not determine" in model.convergence_.message
