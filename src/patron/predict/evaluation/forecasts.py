"""What is forecast for a holdout: by a purchase model, and by two baselines that anybody could think of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from patron.predict.evaluation.holdout import Holdout
from patron.predict.models.likelihood.arrays import Floats
from patron.predict.models.time_units import DAYS_A_WEEK

if TYPE_CHECKING:
    from patron.predict.models.purchase_model import PurchaseModel

NOBODY_RETURNS, PAST_RATE = "nobody returns", "past rate continues"
BASELINES = (NOBODY_RETURNS, PAST_RATE)


@dataclass(frozen=True)
class Forecast:
    """Expected purchases of one customer of each cell, within the window. fitted: the model, if it is one."""

    name: str
    expected: Floats
    fitted: PurchaseModel | None = None


def baselines(holdout: Holdout, least_days: int) -> list[Forecast]:
    """Nobody returns: 0. Past rate continues: repeat purchases a day since the first (over at least `least_days`)."""
    rate = holdout.repeat_count / np.maximum(holdout.age_days, least_days)
    return [
        Forecast(NOBODY_RETURNS, np.zeros(len(rate))),
        Forecast(PAST_RATE, rate * holdout.horizon_days),
    ]


def model_names() -> list[str]:
    """The purchase models, in the order in which the default is taken where they are equally good (choice.py)."""
    return [model.name for model in _models()]


def forecast(name: str, holdout: Holdout) -> Forecast:
    """A model, fitted on what was known on the origin, in weeks. Raises NotIdentifiableError."""
    kind = next(model for model in _models() if model.name == name)
    past = (holdout.repeat_count, holdout.recency_weeks, holdout.age_weeks)
    fitted = kind().fit(*past, weights=holdout.customer_count)
    return Forecast(name, fitted.expected_purchases(holdout.horizon_weeks, *past), fitted)


def expected_by_day(model: PurchaseModel, days: int) -> Floats:
    """Repeat purchases of a new customer within 0, 1, ... `days` days."""
    return np.asarray(model.expected_purchases_new(np.arange(days + 1) / DAYS_A_WEEK), dtype=np.float64)


def _models() -> tuple[type[PurchaseModel], ...]:
    from patron.predict import BGNBD, MBGNBD, ParetoNBD

    return MBGNBD, ParetoNBD, BGNBD
