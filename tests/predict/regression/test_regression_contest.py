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
from patron.predict.evaluation.holdout import query_holdout
from patron.predict.evaluation.recalibration import Recalibration
from patron.predict.evaluation.rolling import SUFFIX as RECALIBRATED
from patron.predict.evaluation.spending import fit_spend
from patron.predict.regression.adjustment import Adjustment, expect
from patron.predict.regression.contest import SUFFIX
from patron.predict.regression.decision import Bout, decide
from patron.predict.regression.poisson import PoissonRegression, fit_poisson
from patron.predict.regression.windows import WindowCells, query_cells
from patron.project.settings.predictions import Evaluation

OF = {kind.name: kind for kind in KINDS}


@pytest.fixture(scope="module")
def contracts() -> Measures:
    return Measures(simulate(OF["contracts"], 0))


@pytest.fixture(scope="module")
def learned() -> list[list[dt.date]]:
    """The windows that each regression of `judged` learned from, by their origins."""
    return []


@pytest.fixture(scope="module")
def judged(contracts, learned):
    def fit(windows):
        learned.append([cells.origin for cells, _ in windows])
        return fit_poisson(windows)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("patron.predict.regression.contest.fit_poisson", fit)
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


def test_amounts_by_the_regression_are_scored_as_gold_has_them(contracts, judged):
    """By hand: the regression's purchases of each customer x what the spend model expects of one."""
    day = max(measures(judged, "MBG/NBD" + SUFFIX))
    purchases = contracts.query("select * from measures.customer_days").to_pandas()
    purchases["day"] = (
        purchases.activity_date.dt.date if hasattr(purchases.activity_date, "dt") else purchases.activity_date
    )
    known = purchases[purchases.day <= day].groupby("customer_id")
    past = known.agg(first=("day", "min"), last=("day", "max"), days=("day", "count"), amount=("net_amount", "sum"))
    near, late = (
        known.day.apply(lambda days, back=back: sum(one > day - dt.timedelta(days=back) for one in days))
        for back in (30, 90)
    )
    later = purchases[(purchases.day > day) & (purchases.day <= day + dt.timedelta(days=90))]
    later = later.groupby("customer_id").net_amount.sum().reindex(past.index, fill_value=0.0).to_numpy(float)
    holdout = query_holdout(contracts, day, 90)
    windows = [query_cells(contracts, day - dt.timedelta(days=90 * back), 90) for back in range(5, 0, -1)]
    model = MBGNBD().fit(holdout.repeat_count, holdout.recency_weeks, holdout.age_weeks, holdout.customer_count)
    regression = fit_poisson([(cells, expect(model, cells)) for cells in windows])
    count = past.days.to_numpy(float)
    recency, age = (
        np.array([(b - a).days for a, b in zip(past["first"], ends, strict=True)], float)
        for ends in (past["last"], [day] * len(past))
    )
    cells = WindowCells(
        day, 90, count - 1, recency, age, near.to_numpy(float), late.to_numpy(float), 0 * age, 1 + 0 * age
    )
    expected = expect(model, cells)
    own = expected * regression.compute_factors(cells, expected)
    total = measures(judged, "MBG/NBD" + SUFFIX)[day]["predicted_purchases"]
    each = fit_spend(contracts, holdout).expected_spend(count, past.amount.to_numpy(float) / count)
    error = np.abs(own * total / own.sum() * each - later).sum() / later.sum()
    assert measures(judged, "MBG/NBD" + SUFFIX)[day]["amount_error_share"] == pytest.approx(error, rel=1e-6)
    assert error < measures(judged, "MBG/NBD" + RECALIBRATED)[day]["amount_error_share"]


def test_it_does_not_answer_where_the_model_is_true():
    found = evaluate(Measures(simulate(OF["as assumed"], 0)), Evaluation(), requested="MBG/NBD")
    assert not found.regression.is_won
    assert found.regression.why.startswith("no Poisson regression is used: in 3 past windows of 90 days")
    assert measures(found, "MBG/NBD" + SUFFIX)


def test_a_regression_learns_only_from_windows_that_had_ended_by_its_origin(judged, learned):
    origins = sorted(measures(judged, "MBG/NBD" + SUFFIX))
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
