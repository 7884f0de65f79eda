"""Lets the zero-inflated log-normal learner compete with the models' amounts in a window, by origin.

Both forecasts are distributions, one simulated and one in closed form, so they are compared by a score that needs no
density: the continuous ranked probability score, of ln(1 + amount / typical worth of a purchase). It is as proper as
that of the amount (Gneiting and Raftery 2007), and a few wholesale customers do not decide it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import exp
from typing import TYPE_CHECKING, Any

import numpy as np

from patron.predict.evaluation import metrics, tables
from patron.predict.evaluation.judge import Tested
from patron.predict.evaluation.recalibration import Recalibration, learn
from patron.predict.evaluation.rolling import order, to_window
from patron.predict.models.prediction_intervals import SEED, draw_shocks
from patron.predict.regression.decision import Bout, decide
from patron.predict.regression.spenders import Spenders, query_spenders
from patron.predict.regression.zero_inflated import (
    Amounts,
    Expectation,
    ZeroInflatedLognormal,
    compute_crps,
    compute_evenness,
    expect_amounts,
    fit_zero_inflated,
)

if TYPE_CHECKING:
    from patron.predict.models.gamma_gamma import GammaGamma
    from patron.predict.models.likelihood.arrays import Floats
    from patron.predict.models.purchase_model import PurchaseModel
    from patron.predict.regression.past import Past

SUFFIX = ", zero-inflated lognormal"
"""After the name of a model, in model_scores."""

COMPARED = 2_000
"""Customers whose amounts are simulated: each takes 100 draws."""

_DRAWS = 100


@dataclass(frozen=True)
class SpendContest:
    """The result.

    is_won: whether the learner forecast amounts better. why: a sentence; empty if nothing could be compared. windows:
    those that a learner may learn from. scores: rows of model_scores, of each origin that it could forecast from.
    """

    is_won: bool = False
    why: str = ""
    windows: list[Spenders] = field(default_factory=list)
    scores: list[dict[str, Any]] = field(default_factory=list)

    def fit(self, model: PurchaseModel, spend: GammaGamma) -> ZeroInflatedLognormal | None:
        """Fit the learner on all windows, for models fitted on all that is known."""
        return fit_zero_inflated([(spenders, expect_amounts(model, spend, spenders)) for spenders in self.windows])


def hold_spend_contest(past: Past, forecasts: Sequence[Tested]) -> SpendContest:
    """Compare the two on all origins that have a window before them. forecasts: of one purchase model, one or more.

    Raises EngineError.
    """
    ordered = order(forecasts)
    if not any(one.origin.spend for one in ordered):
        return SpendContest()
    windows = [query_spenders(past, day) for day in past.origins]
    bouts, scores = [], []
    for place, one in enumerate(ordered):
        found = _forecast(one, ordered[:place], windows)
        if found is not None:
            bouts.append(found[0])
            scores += found[1]
    is_won, found_text = decide(bouts, ordered[-1].forecast.name, past.horizon_days, "score (CRPS) of amounts")
    said = "is used for the amount of 90 days" if is_won else "is not used"
    why = f"a zero-inflated lognormal learner {said}: {found_text}" if bouts else ""
    return SpendContest(is_won, why, windows, scores)


def _forecast(
    one: Tested, before: Sequence[Tested], windows: Sequence[Spenders]
) -> tuple[Bout, list[dict[str, Any]]] | None:
    """Forecast from an origin by both, with what was known on it; None if the learner could not be fitted."""
    holdout = one.origin.holdout
    ended = [spenders for spenders in windows if (holdout.origin - spenders.origin).days >= holdout.horizon_days]
    model, spend = one.forecast.fitted, one.origin.spend
    if model is None or spend is None:
        return None
    learner = fit_zero_inflated([(spenders, expect_amounts(model, spend, spenders)) for spenders in ended])
    if learner is None:
        return None
    spenders = next(spenders for spenders in windows if spenders.origin == holdout.origin)
    expectation = expect_amounts(model, spend, spenders)
    correction = learn([to_window(earlier) for earlier in before])
    own = learner.predict(spenders, expectation)
    own = own.scale(compute_evenness(own, expectation) * exp(correction.level)).spread(correction.spread)
    bout = _compare(own, model, spend, spenders, expectation, correction)
    return bout, _score(one.forecast.name + SUFFIX, own, spenders, bout)


def _compare(
    own: Amounts,
    model: PurchaseModel,
    spend: GammaGamma,
    spenders: Spenders,
    expectation: Expectation,
    correction: Recalibration,
) -> Bout:
    """Compare on at most COMPARED customers, who are in an order that says nothing of them."""
    typical = float(np.median(expectation.worth))
    factors = correction.compute_factors(expectation.purchases, np.ones(len(spenders.amount)))
    worth = (expectation.worth * factors)[:COMPARED]
    simulated = _simulate(model, spend, spenders, correction.spread) * worth[:, None]
    came = _to_scale(spenders.amount[:COMPARED], typical)
    listed = _to_scale(own.list_quantiles()[:COMPARED], typical)
    scores = compute_crps(listed, came), compute_crps(_to_scale(simulated, typical), came, is_drawn=True)
    return Bout.from_losses(*scores, np.ones(len(came)))


def _simulate(model: PurchaseModel, spend: GammaGamma, spenders: Spenders, spread: float) -> Floats:
    """Simulate amounts in units of the worth of a purchase: (customers compared, _DRAWS), ascending."""
    rng = np.random.default_rng(SEED)
    x, last, now = (facts[:COMPARED] for facts in spenders.past)
    bought = (model.simulate(spenders.horizon_weeks, x, last, now, rng) for _ in range(_DRAWS))
    values = np.array([spend.simulate_totals(one, x + 1, rng) for one in bought], dtype=np.float64)
    return np.sort(values * draw_shocks(spread, _DRAWS)[:, None], axis=0).T


def _to_scale(amounts: Floats, typical: float) -> Floats:
    return np.log1p(np.maximum(amounts, 0.0) / typical)


def _score(name: str, own: Amounts, spenders: Spenders, bout: Bout) -> list[dict[str, Any]]:
    each = np.ones(len(spenders.amount))
    predicted, actual = float(own.mean.sum()), float(spenders.amount.sum())
    scores: dict[str, float | None] = {
        "customers": float(each.sum()),
        "predicted_amount": predicted,
        "actual_amount": actual,
        "amount_ratio": predicted / actual if actual > 0 else None,
        "amount_error_share": metrics.compute_error_share(own.mean, spenders.amount, each),
        "amount_crps": bout.contender,
        "amount_crps_difference": bout.difference,
        "amount_crps_difference_error": bout.error,
    }
    return tables.to_score_rows(name, spenders.origin, spenders.horizon_days, scores)
