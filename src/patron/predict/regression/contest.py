"""Lets a Poisson regression compete with the corrected purchase model that it builds on, over the same past windows.

Forecasts from each origin are compared by Poisson deviance: it is lowest for the true expectation whatever the
distribution of purchases around it is (Savage 1971), so that neither forecast has to claim one. The regression answers
only if it is better by more than a standard error, over customers and over origins, and by more than choice.LEAD;
otherwise the purchase model does, whose expected purchases agree with its probabilities and values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import exp
from typing import TYPE_CHECKING, Any

import numpy as np

from patron.predict.evaluation import metrics, tables
from patron.predict.evaluation.judge import Origin, Tested, score_expected
from patron.predict.evaluation.recalibration import learn
from patron.predict.evaluation.rolling import order, to_window
from patron.predict.evaluation.spending import predict_spend
from patron.predict.regression.adjustment import expect
from patron.predict.regression.decision import Bout, decide
from patron.predict.regression.poisson import PoissonRegression, compute_evenness, fit_poisson
from patron.predict.regression.windows import WindowCells, query_cells

if TYPE_CHECKING:
    from patron.predict.models.likelihood.arrays import Floats
    from patron.predict.models.purchase_model import PurchaseModel
    from patron.predict.regression.past import Past

SUFFIX = ", Poisson regression"
"""After the name of a model, in model_scores."""


@dataclass(frozen=True)
class Contest:
    """The result.

    is_won: whether the regression answers. why: a sentence; empty if nothing could be compared. windows: those that a
    regression may learn from, each with the customers of one day. scores: rows of model_scores, of each origin that the
    regression could forecast from.
    """

    is_won: bool = False
    why: str = ""
    windows: list[WindowCells] = field(default_factory=list)
    scores: list[dict[str, Any]] = field(default_factory=list)

    def fit(self, model: PurchaseModel) -> PoissonRegression | None:
        """Fit the regression on all windows, for a model fitted on all that is known."""
        return fit_poisson([(cells, expect(model, cells)) for cells in self.windows])


def hold_contest(past: Past, forecasts: Sequence[Tested]) -> Contest:
    """Compare the two on all origins that have a window before them. forecasts: of one purchase model, one or more.

    Raises EngineError.
    """
    ordered = order(forecasts)
    windows = [query_cells(past.warehouse, day, past.horizon_days, past.days) for day in past.origins]
    bouts, scores = [], []
    for place, one in enumerate(ordered):
        forecast = _forecast(one, ordered[:place], windows)
        if forecast is not None:
            bouts.append(forecast[0])
            scores += forecast[1]
    is_won, found = decide(bouts, ordered[-1].forecast.name, past.horizon_days, "deviance")
    said = (
        "A Poisson regression adjusts what is expected in 30 and 90 days" if is_won else "no Poisson regression is used"
    )
    return Contest(is_won, f"{said}: {found}" if bouts else "", windows, scores)


def _forecast(
    one: Tested, before: Sequence[Tested], windows: Sequence[WindowCells]
) -> tuple[Bout, list[dict[str, Any]]] | None:
    """Forecast from an origin by both, with what was known on it; None if no window had ended."""
    model, origin = one.forecast.fitted, one.origin.holdout.origin
    assert model is not None
    ended = [cells for cells in windows if (origin - cells.origin).days >= cells.horizon_days]
    regression = fit_poisson([(cells, expect(model, cells)) for cells in ended])
    if regression is None:
        return None
    cells = next(cells for cells in windows if cells.origin == origin)
    expected = expect(model, cells)
    correction = learn([to_window(earlier) for earlier in before])
    corrected = expected * correction.compute_factors(expected, cells.customers)
    factors = regression.compute_factors(cells, expected)
    level = compute_evenness(factors, expected, cells.customers) * exp(correction.level)
    own = expected * factors * level
    bout = _compare(own, corrected, cells)
    amounts = _measure_amounts(model, regression, one.origin, level)
    return bout, _score(one.forecast.name + SUFFIX, own, cells, bout, amounts)


def _measure_amounts(
    model: PurchaseModel, regression: PoissonRegression, origin: Origin, level: float
) -> dict[str, float | None]:
    """Score the amounts that customer_clv has if the regression answers: its purchases x the worth of one."""
    if origin.spend is None:
        return {}
    sample, day = origin.sample, origin.holdout
    facts = sample.repeat_count, sample.recency_days, sample.age_days, sample.near_count, sample.late_count
    each = np.ones(len(sample.repeat_count))
    cells = WindowCells(day.origin, day.horizon_days, *facts, bought=np.zeros(len(each)), customers=each)
    expected = expect(model, cells)
    worth = predict_spend(origin.spend, sample.repeat_count + 1, sample.past_amount)
    amounts = expected * regression.compute_factors(cells, expected) * level * worth
    return {"amount_error_share": metrics.compute_error_share(amounts, sample.held_out_amount, each)}


def _compare(regression: Floats, model: Floats, cells: WindowCells) -> Bout:
    own, others = (metrics.compute_deviances(one, cells.bought) for one in (regression, model))
    return Bout.from_losses(own, others, cells.customers)


def _score(
    name: str, expected: Floats, cells: WindowCells, bout: Bout, amounts: dict[str, float | None]
) -> list[dict[str, Any]]:
    bins = metrics.bin_by_forecast(expected, cells.bought, cells.customers)
    scores = score_expected(expected, cells.bought, cells.customers, bins)
    scores |= {"deviance_difference": bout.difference, "deviance_difference_error": bout.error}
    scores |= amounts
    return tables.to_score_rows(name, cells.origin, cells.horizon_days, scores)
