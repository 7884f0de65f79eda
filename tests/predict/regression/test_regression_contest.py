"""The regression against the purchase model that it builds on: where each of them is right, and what is then published."""

from __future__ import annotations

import datetime as dt
from math import log

import numpy as np
import pytest
from benchmarks.forecasts.measures import Measures
from benchmarks.forecasts.shops import KINDS, simulate

from patron.predict import MBGNBD
from patron.predict.evaluation.evaluate import evaluate
from patron.predict.evaluation.recalibration import Recalibration
from patron.predict.evaluation.rolling import SUFFIX as RECALIBRATED
from patron.predict.regression.adjustment import Adjustment, expect
from patron.predict.regression.contest import SUFFIX
from patron.predict.regression.decision import Bout, decide
from patron.predict.regression.poisson import PoissonRegression, fit_poisson
from patron.predict.regression.windows import query_cells
from patron.project.settings.predictions import Evaluation

OF = {kind.name: kind for kind in KINDS}


@pytest.fixture(scope="module")
def contracts() -> Measures:
    return Measures(simulate(OF["contracts"], 0))


@pytest.fixture(scope="module")
def judged(contracts):
    return evaluate(contracts, Evaluation(), requested="MBG/NBD")


def measures(evaluation, model: str) -> dict[dt.date, dict[str, float]]:
    found: dict[dt.date, dict[str, float]] = {}
    for row in evaluation.scores.to_pylist():
        if row["model"] == model:
            found.setdefault(row["origin_date"], {})[row["measure"]] = row["value"]
    return found


def test_it_wins_where_silence_tells_what_the_model_cannot_see(judged):
    """Who did not renew in 90 days has left; the model takes them for customers who buy rarely."""
    contest = judged.regression
    assert contest.is_won
    own, model = measures(judged, "MBG/NBD" + SUFFIX), measures(judged, "MBG/NBD" + RECALIBRATED)
    assert list(own) == list(model)
    for day, found in own.items():
        assert found["deviance"] < model[day]["deviance"] / 1.5
        assert found["total_ratio"] == pytest.approx(model[day]["total_ratio"], rel=0.01)
        assert found["deviance_difference"] == pytest.approx(found["deviance"] - model[day]["deviance"], abs=0.01)
    assert "A Poisson regression adjusts what is expected in 30 and 90 days: in 3 past windows" in contest.why


def test_it_does_not_answer_where_the_model_is_true():
    found = evaluate(Measures(simulate(OF["as assumed"], 0)), Evaluation(), requested="MBG/NBD")
    assert not found.regression.is_won
    assert found.regression.why.startswith("no Poisson regression is used: in 3 past windows of 90 days")
    assert measures(found, "MBG/NBD" + SUFFIX)


def test_a_regression_learns_only_from_windows_that_had_ended_by_its_origin(contracts, monkeypatch):
    learned: list[list[dt.date]] = []

    def fit(windows):
        learned.append([cells.origin for cells, _ in windows])
        return fit_poisson(windows)

    monkeypatch.setattr("patron.predict.regression.contest.fit_poisson", fit)
    found = evaluate(contracts, Evaluation(), requested="MBG/NBD")
    origins = sorted(measures(found, "MBG/NBD" + SUFFIX))
    assert [len(days) for days in learned] == [3, 4, 5]
    for origin, days in zip(origins, learned, strict=True):
        assert all(day + dt.timedelta(days=90) <= origin for day in days)


def test_a_difference_within_noise_is_a_tie():
    better = [Bout(0.98, 1.0, 0.01), Bout(0.96, 1.0, 0.01), Bout(0.97, 1.0, 0.01)]
    assert decide(better, "MBG/NBD", 90, "deviance")[0]
    assert not decide([Bout(1.02, 1.0, 0.01), *better[:2]], "MBG/NBD", 90, "deviance")[0]  # windows disagree
    assert not decide([Bout(0.97, 1.0, 0.04)], "MBG/NBD", 90, "deviance")[0]  # a few customers decide
    assert not decide([Bout(0.996, 1.0, 0.0001)], "MBG/NBD", 90, "deviance")[0]  # clear, and of no use
    assert decide([], "MBG/NBD", 90, "deviance") == (False, "")


def test_the_adjustment_takes_the_place_of_the_corrections_slope(contracts):
    """By hand: the published expectation x the factor = the model's x the regression's x the level, at the same total."""
    day = dt.date(2024, 12, 30)
    cells = query_cells(contracts, day, 90)
    model = MBGNBD.from_params({"r": 1.0, "alpha": 8.0, "a": 1.0, "b": 3.0})
    regression = PoissonRegression([0.0] * 7, [1.0] * 7, [-9.0] * 7, [9.0] * 7, [0, 0, 0, 0, 0, 0.5, 0])
    correction = Recalibration(log(1.2), 0.2, 0.1)
    expected = expect(model, cells)
    published = expected * correction.compute_factors(expected, cells.customers)
    factors = Adjustment.from_customers(regression, model, correction, cells).compute_factors(cells)
    by_hand = expected * np.sqrt(1 + cells.near_count)
    by_hand *= 1.2 * cells.total(expected) / cells.total(by_hand)
    assert published * factors == pytest.approx(by_hand, rel=1e-9)
