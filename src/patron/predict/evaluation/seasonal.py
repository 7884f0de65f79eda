"""Tests whether a season, learnt from what was known on each origin, forecasts better than an even year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from patron.predict.errors import NotIdentifiableError
from patron.predict.evaluation.choice import LEAD
from patron.predict.evaluation.forecasts import fit_model
from patron.predict.evaluation.holdout import query_log_gaps
from patron.predict.evaluation.judge import Origin, Rows, Tested, judge_model
from patron.predict.evaluation.rolling import average_deviance
from patron.predict.season.clock import Clock, Season
from patron.predict.season.learn import learn_season

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse
    from patron.predict.models.purchase_model import PurchaseModel

SEASONAL = ", seasonal"
"""After the name of a model, in model_scores and prediction_status."""


def judge_seasonal(warehouse: Warehouse, plain: Sequence[Tested]) -> Rows:
    """Forecast once more, in the season's time, from each origin at which one could be learnt.

    plain: the forecasts of one model in plain time. Raises EngineError.
    """
    rows = Rows()
    for one in plain:
        if season := _learn(one):
            rows.add(judge_model(_take_time(warehouse, one.origin, season), one.forecast.name, SEASONAL))
    return rows


def is_better(seasonal: Sequence[Tested], plain: Sequence[Tested]) -> bool:
    """Check whether forecasts in the season's time have the lower deviance, by more than chance, at the same origins.

    Each is corrected by the windows before it. Where no season could be learnt at any origin, none is used.
    """
    tested = {one.origin.holdout.origin for one in seasonal}
    same = [one for one in plain if one.origin.holdout.origin in tested]
    return bool(seasonal) and average_deviance(seasonal) < average_deviance(same) * (1 - LEAD)


def replace_by_seasonal(plain: Sequence[Tested], seasonal: Sequence[Tested]) -> list[Tested]:
    """Return the seasonal forecast of each origin that has one, and the plain one of the others."""
    found = {one.origin.holdout.origin: one for one in seasonal}
    return [found.get(one.origin.holdout.origin, one) for one in plain]


def _learn(tested: Tested) -> Season | None:
    holdout, fitted = tested.origin.holdout, tested.forecast.fitted
    assert fitted is not None

    def fit(clock: Clock) -> PurchaseModel:
        if clock.season is None:
            return fitted
        return fit_model(tested.forecast.name, replace(holdout, season=clock.season))

    try:
        return learn_season(fit, holdout.origin, holdout.age_days, holdout.customer_count, tested.origin.repeats)
    except NotIdentifiableError:
        return None


def _take_time(warehouse: Warehouse, origin: Origin, season: Season) -> Origin:
    log_gaps = query_log_gaps(warehouse, Clock(origin.holdout.origin, season))
    return replace(origin, holdout=replace(origin.holdout, season=season, log_gaps=log_gaps))
