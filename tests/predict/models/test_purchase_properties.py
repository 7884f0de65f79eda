"""What must hold whatever the parameters and the history."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from patron.predict import BGBB, BGNBD, MBGNBD, ParetoNBD

CONTINUOUS = [BGNBD, MBGNBD, ParetoNBD]
SHAPE = st.floats(0.01, 1000)
AGE = st.floats(1e-3, 1e4)


@st.composite
def models(draw, kind):
    return kind.from_params({name: draw(SHAPE) for name in kind.parameter_names})


@st.composite
def histories(draw):
    x = draw(st.one_of(st.integers(0, 10), st.integers(0, 1000)))
    now = draw(AGE)
    return x, (now * draw(st.floats(0, 1)) if x else 0.0), now


@pytest.mark.parametrize("kind", CONTINUOUS)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_answers_are_numbers_within_their_bounds(kind, data):
    model, history = data.draw(models(kind)), data.draw(histories())
    horizon = data.draw(st.floats(0, 1e4))
    alive = float(model.probability_alive(*history))
    buys = float(model.probability_of_purchase(horizon, *history))
    expected = float(model.expected_purchases(horizon, *history))
    assert 0 <= alive <= 1
    assert 0 <= buys <= alive * (1 + 1e-9)
    assert buys <= expected * (1 + 1e-6) + 1e-12
    assert np.isfinite(expected)
    later = float(model.expected_purchases(horizon * 1.5 + 0.1, *history))
    assert later >= expected * (1 - 1e-9)
    assert 0 <= float(model.discounted_purchases(horizon, 0.01, *history)) <= expected * (1 + 1e-9)


@pytest.mark.parametrize("kind", CONTINUOUS)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_the_later_the_last_purchase_the_likelier_alive(kind, data):
    model, (x, _, now) = data.draw(models(kind)), data.draw(histories())
    assume(x > 0)
    alive = model.probability_alive(x, np.linspace(0, now, 20), now)
    assert (np.diff(alive) >= -1e-12).all()


@pytest.mark.parametrize("kind", CONTINUOUS)
@settings(max_examples=30, deadline=None)
@given(data=st.data(), unit=st.floats(1e-6, 1e6))
def test_units_of_time_do_not_matter(kind, data, unit):
    model, (x, last, now) = data.draw(models(kind)), data.draw(histories())
    scaled = kind.from_params({n: v * (unit if n in kind.times else 1) for n, v in model.params_.items()})
    for one, other in (
        (model.probability_alive(x, last, now), scaled.probability_alive(x, last * unit, now * unit)),
        (model.expected_purchases(9, x, last, now), scaled.expected_purchases(9 * unit, x, last * unit, now * unit)),
    ):
        assert float(one) == pytest.approx(float(other), rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("kind", CONTINUOUS)
@settings(max_examples=40, deadline=None)
@given(data=st.data(), x=st.integers(1, 900))
def test_one_purchase_more_is_a_small_step(kind, data, x):
    """132 purchases in 200 periods and 133: no cliff where an underflow would make one."""
    model = kind.from_params({name: data.draw(st.floats(0.2, 20)) for name in kind.parameter_names})
    counts = np.arange(x, x + 8.0)
    odds = np.log(model.expected_while_alive(10, counts, 200.0))
    steps = np.diff(odds)
    assert (steps > -1e-9).all()
    assert (np.abs(np.diff(steps)) <= 0.5 * np.abs(steps[:-1]) + 1e-9).all()
    alive = model.probability_alive(counts, 199.0, 200.0)
    assert ((alive > 0) & (alive <= 1)).all()


@settings(max_examples=30, deadline=None)
@given(data=st.data(), n=st.integers(0, 60), horizon=st.integers(0, 60))
def test_bg_bb_answers_are_numbers_within_their_bounds(data, n, horizon):
    model = data.draw(models(BGBB))
    last = data.draw(st.integers(0, n))
    x = data.draw(st.integers(1, last)) if last else 0
    alive = float(model.probability_alive(x, last, n))
    buys = float(model.probability_of_purchase(horizon, x, last, n))
    expected = float(model.expected_purchases(horizon, x, last, n))
    assert 0 <= buys <= alive * (1 + 1e-9) <= 1 + 1e-9
    assert buys <= expected * (1 + 1e-9) + 1e-12 <= horizon + 1e-9
    if x:
        assert (np.diff(model.probability_alive(x, np.arange(x, n + 1), n)) >= -1e-12).all()


def test_one_time_buyers_under_bg_nbd_never_leave_and_under_the_others_do():
    one_time = {"frequency": 0, "recency": 0, "age": 500}
    params = {"r": 0.5, "alpha": 5.0, "a": 0.8, "b": 2.0}
    assert BGNBD.from_params(params).probability_alive(**one_time) == 1
    assert MBGNBD.from_params(params).probability_alive(**one_time) < 0.72
    assert ParetoNBD.from_params({"r": 0.5, "alpha": 5.0, "s": 0.6, "beta": 9.0}).probability_alive(**one_time) < 0.5
