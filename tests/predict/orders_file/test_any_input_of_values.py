"""Whatever is given to spend, values and pictures: the right number, or a clear statement (docs/purchase_models.md)."""

from __future__ import annotations

import math

import numpy as np
import pytest

from patron.predict import BGBB, MBGNBD, GammaGamma
from patron.predict.errors import HistoryError
from patron.predict.models import plots
from patron.predict.models.lifetime_value import lifetime_value
from patron.simulate import histories
from predict.models.drawn_customers import LAWS, SPEND, known, spend_of

pytestmark = pytest.mark.filterwarnings("error")


@pytest.mark.parametrize(
    "wrong",
    [
        {"margin": None},
        {"margin": [0.1, 0.2]},
        {"annual_rate": math.nan},
        {"year": "long"},
        {"years": (-1,)},
        {"years": (math.nan,)},
        {"historical": [math.nan, 1]},
        {"historical": [1, 2, 3]},
        {"mean_value": [-30.0, 20.0]},
        {"mean_value": [0.0, 20.0]},
        {"mean_value": [math.nan, 20.0]},
        {"mean_value": [1.0, 2.0, 3.0]},
    ],
    ids=str,
)
def test_no_value_is_made_of_what_is_none(wrong):
    given = {"frequency": [1, 0], "recency": [2, 0], "age": [5, 6], "mean_value": [30.0, 20.0]} | wrong
    with pytest.raises(HistoryError):
        lifetime_value(known(MBGNBD), SPEND, **given)


def test_spend_of_who_never_ordered_is_not_looked_at():
    rng = np.random.default_rng(1)
    everybody = SPEND.expected_spend([0, 0, 0], [math.nan, -5, 0])
    assert everybody == pytest.approx(SPEND.population_mean)
    assert np.isfinite(SPEND.simulate([0, 0, 0], [math.nan, -5, math.inf], rng)).all()
    assert SPEND.expected_spend(1e9, [1e-3, 1e6]) == pytest.approx([1e-3, 1e6], rel=1e-4)
    for wrong in (-1, 0, math.nan, math.inf):
        with pytest.raises(HistoryError, match="not an amount above 0"):
            SPEND.simulate(1, wrong, rng)


@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_spend_is_fitted_in_any_currency(scale):
    orders, means = spend_of(2000, 5)
    one, other = GammaGamma().fit(orders, means), GammaGamma().fit(orders, means * scale)
    assert other.params_ == pytest.approx({**one.params_, "gamma": one.params_["gamma"] * scale}, rel=1e-3)


PICTURES = {
    "frequency": plots.plot_frequency,
    "calibration": lambda model, *columns: plots.plot_calibration(model, 5, *columns, columns[0]),
}


@pytest.mark.parametrize("kind", LAWS)
@pytest.mark.parametrize("picture", PICTURES)
@pytest.mark.parametrize("columns", [([1], [2], [3]), ([0] * 9,) * 2 + ([3] * 9,), ([2] * 9, [2] * 9, [3] * 9)])
def test_pictures_of_one_of_one_time_buyers_and_of_identical_customers(kind, picture, columns):
    figure = PICTURES[picture](known(kind), *columns)
    assert all(np.isfinite(np.array(drawn_as.y, dtype=float)).all() for drawn_as in figure.data)


@pytest.mark.parametrize("kind", LAWS)
def test_pictures_of_nothing_are_refused(kind):
    model, one = known(kind), ([1], [2], [3])
    for ask in (
        lambda: plots.plot_frequency(model, [], [], []),
        lambda: plots.plot_frequency(model, [math.nan], [2], [3]),
        lambda: plots.plot_frequency(model, *one, most=0),
        lambda: plots.plot_recency_frequency(model, math.nan),
        lambda: plots.plot_recency_frequency(model, -1),
        lambda: plots.plot_recency_frequency(model, 10, math.nan),
        lambda: plots.plot_recency_frequency(model, 10, most=0),
        lambda: plots.plot_tracking(model, [], [], 10, 5),
        lambda: plots.plot_tracking(model, [0, math.nan], [2], 10, 5),
        lambda: plots.plot_tracking(model, [0, 1], [math.nan], 10, 5),
        lambda: plots.plot_tracking(model, [0, 1], [2], math.nan, 5),
        lambda: plots.plot_calibration(model, 5, *one, [math.nan]),
        lambda: plots.plot_calibration(model, 5, *one, [-1]),
        lambda: plots.plot_calibration(model, 5, *one, [1], most=-1),
    ):
        with pytest.raises(HistoryError):
            ask()


def test_intervals_of_many_opportunities():
    """Customers nearly alike share their futures: as whole numbers of opportunities too."""
    x, last, now = histories.bg_bb({**LAWS[BGBB][1], "delta": 20.0}, np.full(400, 150.0), np.random.default_rng(7))
    assert x.max() > 64
    value = lifetime_value(BGBB().fit(x, last, now), SPEND, x, last, now, np.full(400, 20.0), year=52, years=(1,))
    assert (value["value_1y_low_80"] <= value["value_1y_high_80"]).all()
    assert (value["value_1y_high_80"][x > 64] > 0).any()
