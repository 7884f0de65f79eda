"""Whatever is given to a model: the right number, or a clear statement. docs/purchase_models.md has it as a table."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from patron.predict import BGBB, BGNBD, MBGNBD, GammaGamma, ParetoNBD
from patron.predict.errors import HistoryError, NotIdentifiableError, ParameterError
from patron.predict.models.lifetime_value import lifetime_value
from predict.models.drawn_customers import LAWS, SPEND, drawn, known, spend_of

CONTINUOUS = [BGNBD, MBGNBD, ParetoNBD]
pytestmark = pytest.mark.filterwarnings("error")


FORMS = {
    "lists": lambda column: column.tolist(),
    "tuples": lambda column: tuple(column.tolist()),
    "whole numbers": lambda column: column.astype(np.int64),
    "short floats": lambda column: column.astype(np.float32),
    "series": lambda column: pd.Series(column, index=range(len(column), 0, -1)),
    "every other entry": lambda column: np.repeat(column, 2)[::2],
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", [MBGNBD, BGBB, GammaGamma])
def test_numbers_may_come_in_any_form(kind, form):
    """A Series counts by position: its index is not looked at."""
    columns = spend_of(300, 1) if kind is GammaGamma else drawn(kind, 300, 1)
    whole = [np.ceil(column) for column in columns]
    one, other = kind().fit(*whole), kind().fit(*(FORMS[form](column) for column in whole))
    assert other.params_ == one.params_


@pytest.mark.parametrize(
    "wrong",
    [
        [None, 2.0],
        np.ma.masked_array([1.0, 2.0], [True, False]),
        np.array(["2024-01-01", "2024-01-02"], dtype="datetime64[D]"),
        np.array([1, 2], dtype="timedelta64[D]"),
        pd.Series([1, None], dtype="Int64"),
        [1 + 1j, 2],
        ["one", 2],
    ],
    ids=["none", "masked", "dates", "durations", "missing", "complex", "words"],
)
def test_what_is_no_number_is_refused(wrong):
    for kind in LAWS:
        with pytest.raises(HistoryError, match="frequency"):
            kind().fit(wrong, [1, 2], [5, 5])
        with pytest.raises(HistoryError, match="frequency"):
            known(kind).expected_purchases(1, wrong, [1, 2], [5, 5])
    with pytest.raises(HistoryError, match="frequency"):
        GammaGamma().fit(wrong, [1, 2])


@pytest.mark.parametrize("kind", LAWS)
def test_empty_input_gives_empty_output(kind):
    model = known(kind)
    for answer in (
        model.probability_alive([], [], []),
        model.expected_purchases(5, [], [], []),
        model.probability_of_purchase(5, [], [], []),
        model.discounted_purchases(5, 0.1, [], [], []),
        model.discounted_purchases(math.inf, 0.1, [], [], []),
        model.simulate(5, [], [], [], np.random.default_rng(1)),
        lifetime_value(model, SPEND, [], [], [], [], year=52)["value_5y"],
    ):
        assert answer.shape == (0,)


@pytest.mark.parametrize("kind", LAWS)
def test_on_the_first_day_everybody_is_as_new(kind):
    model = known(kind)
    assert float(model.expected_purchases(7, 0, 0, 0)) == float(model.expected_purchases_new(7)) > 0
    if kind is not BGBB:  # there nobody has bought without an opportunity
        assert 0 < float(model.probability_alive(3, 0, 0)) <= 1
        assert float(model.expected_purchases(7, 3, 0, 0)) > float(model.expected_purchases_new(7))


@pytest.mark.parametrize("unit", [1e-6, 1e6])
@pytest.mark.parametrize("kind", CONTINUOUS)
def test_a_fit_is_the_same_in_any_unit_of_time(kind, unit):
    x, last, now = drawn(kind, 300, 2)
    one, other = kind().fit(x, last, now), kind().fit(x, last * unit, now * unit)
    for name, value in one.params_.items():
        assert other.params_[name] == pytest.approx(value * (unit if name in kind.times else 1), rel=1e-3)


@pytest.mark.parametrize("kind", LAWS)
def test_hundreds_of_purchases_are_no_cliff(kind):
    """132 in 200 periods and 133 are nearly the same customer, by every answer."""
    model, counts = known(kind), np.arange(100.0, 191.0)
    for answer in (
        model.probability_alive(counts, 199, 200),
        model.expected_purchases(10, counts, 199, 200),
        model.probability_of_purchase(10, counts, 199, 200),
        model.discounted_purchases(10, 0.01, counts, 199, 200),
    ):
        assert np.isfinite(answer).all() and (answer > 0).all()
        assert np.abs(np.diff(np.log(answer))).max() < 0.03


@pytest.mark.parametrize("kind", CONTINUOUS)
def test_a_million_purchases_are_one_customer_more(kind):
    columns = [np.append(column, heavy) for column, heavy in zip(drawn(kind, 300, 3), (1e6, 41, 41), strict=True)]
    model = kind().fit(*columns)
    assert np.isfinite([*model.params_.values(), *model.standard_errors_.values(), model.log_likelihood_]).all()
    assert np.isfinite(model.expected_purchases(10, *columns)).all()
    assert float(model.expected_purchases(1, 1e6, 41, 41)) == pytest.approx(1e6 / 41, rel=0.1)
    assert float(model.expected_purchases(1, 1e6, 40, 41)) == 0  # silent for as long as 25,000 purchases took


@pytest.mark.parametrize("kind", CONTINUOUS)
def test_means_of_cells_lie_between_their_customers(kind):
    model = known(kind)
    low, middle, high = model.expected_purchases(10, [1, 1.5, 2], 30, 40)
    assert low < middle < high


@pytest.mark.parametrize("kind", CONTINUOUS)
def test_who_has_long_been_silent_is_gone_and_no_nan(kind):
    model = known(kind)
    assert 0 <= float(model.expected_purchases(10, 500, 10, 1e6)) < 1e-9
    assert 0 <= float(model.probability_of_purchase(1e100, 1, 1, 1e6)) <= 1
    assert np.isfinite(model.expected_purchases([0, 1e-6, 1e6, 1e100], 5, 30, 50)).all()


@pytest.mark.parametrize("kind", LAWS)
def test_times_ahead_are_looked_over(kind):
    model, one, rng = known(kind), (5, 6, 10), np.random.default_rng(1)
    two = ([1, 2], [2, 3], [5, 6])
    refused = [
        lambda ahead: model.expected_purchases(ahead, *two),
        lambda ahead: model.probability_of_purchase(ahead, *two),
        lambda ahead: model.simulate(ahead, *two, rng),
    ]
    for ask in refused:
        for ahead in (-1, math.nan, math.inf, 1e200, [1, 2, 3], "soon", None):
            with pytest.raises(HistoryError, match="orizon"):
                ask(ahead)
    with pytest.raises(HistoryError, match="orizon"):
        model.expected_purchases([1, 2, 3], 1, [1, 2], 5)
    for ahead, rate in (([1, 2], 0.1), (9, [0.1, 0.2]), (None, 0.1), (9, math.nan), (9, -0.1), (9, math.inf), ("a", 1)):
        with pytest.raises(HistoryError):
            model.discounted_purchases(ahead, rate, *one)
        with pytest.raises(HistoryError):
            model.discounted_purchases_new(ahead, rate)


def test_what_would_take_for_ever_is_refused():
    donors = known(BGBB)
    for ask in (
        lambda: donors.expected_purchases(10**7, 5, 6, 10),
        lambda: donors.discounted_purchases(math.inf, 1e-9, 5, 6, 10),
        lambda: known(BGNBD).simulate(1e50, 900, 900, 900, np.random.default_rng(1)),
    ):
        with pytest.raises(HistoryError):
            ask()
    with pytest.raises(ParameterError, match="Cannot draw"):
        MBGNBD().fit(*drawn(MBGNBD, 300, 4)).draws(-1, 1)


@pytest.mark.parametrize("kind", LAWS)
def test_zero_weights_are_refused_and_extreme_ones_accepted(kind):
    columns = drawn(kind, 300, 6)
    with pytest.raises(HistoryError, match="weights 0 is not above 0"):
        kind().fit(*columns, np.append(np.ones(299), 0))
    one = kind().fit(*columns)
    for weight in (1e-3, 1e6):
        other = kind().fit(*columns, np.full(300, weight))
        assert other.params_ == pytest.approx(one.params_, rel=1e-3)
        assert np.isfinite(list(other.standard_errors_.values())).all()


@pytest.mark.parametrize("kind", LAWS)
def test_identical_customers_are_one_history(kind):
    for columns in (([2] * 9, [3] * 9, [5] * 9), ([2], [3], [5], [100])):
        with pytest.raises(NotIdentifiableError, match="same history"):
            kind().fit(*columns)
