"""Forecasts the purchases of a holdout: by a purchase model, and by two naive baselines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from patron.predict.evaluation.holdout import Holdout
from patron.predict.models.likelihood.arrays import Floats
from patron.predict.models.time_units import DAYS_A_WEEK

if TYPE_CHECKING:
    from patron.predict.models.purchase_model import PurchaseModel

NO_REPEATS, PAST_RATE = "no repeat purchases", "past rate continues"
BASELINES = (NO_REPEATS, PAST_RATE)


@dataclass(frozen=True)
class Forecast:
    """Expected purchases in the test period per customer of each cell, shape (cells,). fitted: the model, if any."""

    name: str
    expected: Floats
    fitted: PurchaseModel | None = None

    def compute_probability(self, holdout: Holdout) -> Floats:
        """Compute a fitted model's probability of a purchase in the test period, (cells,)."""
        assert self.fitted is not None
        past = (holdout.repeat_count, holdout.recency_weeks, holdout.age_weeks)
        return self.fitted.probability_of_purchase(holdout.horizon_weeks, *past)


def forecast_baselines(holdout: Holdout, least_days: int) -> list[Forecast]:
    """Forecast with both baselines: no repeat purchases, and the past rate per day (over at least `least_days`)."""
    rate = holdout.repeat_count / np.maximum(holdout.age_days, least_days)
    return [
        Forecast(NO_REPEATS, np.zeros(len(rate))),
        Forecast(PAST_RATE, rate * holdout.horizon_days),
    ]


def list_models() -> list[str]:
    """List the names of the purchase models, in order of preference (choice.py)."""
    return [model.name for model in _load_models()]


def fit_model(name: str, holdout: Holdout) -> PurchaseModel:
    """Fit a model on what was known on the origin, in weeks of the holdout's clock. Raises NotIdentifiableError."""
    kind = next(model for model in _load_models() if model.name == name)
    past = (holdout.repeat_count, holdout.recency_weeks, holdout.age_weeks)
    return kind().fit(*past, weights=holdout.customer_count, log_gaps=holdout.log_gaps, resolution=1 / DAYS_A_WEEK)


def forecast_by_model(name: str, holdout: Holdout) -> Forecast | None:
    """Fit a model on what was known on the origin, and forecast. Raises NotIdentifiableError.

    None if it is another model of the list: of customers who do not buy at regular intervals, MBG/CNBD-k is MBG/NBD.
    """
    fitted = fit_model(name, holdout)
    if fitted.params_.get("k") == 1:
        return None
    past = (holdout.repeat_count, holdout.recency_weeks, holdout.age_weeks)
    return Forecast(name, fitted.expected_purchases(holdout.horizon_weeks, *past), fitted)


def _load_models() -> tuple[type[PurchaseModel], ...]:
    from patron.predict import BGNBD, MBGCNBDK, MBGNBD, ParetoNBD

    return MBGCNBDK, MBGNBD, ParetoNBD, BGNBD
