"""Reproduces the published Pareto/GGG on the online grocery of the package BTYDplus (see grocery.py).

The vignette's figures are medians of 80 draws of chains in which each depends on those before it, so they are known to
a part of the posterior standard deviation: half of it is allowed. Its mean absolute errors (0.621, and 0.644 of the
MBG/CNBD-k) are not of this data set and year, of which the forecasts that it prints, and that come out here, miss 1.38
and 1.43 purchases; their ratio is.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from patron.predict.verify.check import Check
from patron.predict.verify.grocery import Grocery, forecast_as_published, read_grocery

if TYPE_CHECKING:
    from patron.predict.models.pareto_ggg.model import ParetoGGG

PUBLISHED = {"t": 1.695, "gamma": 0.373, "r": 0.948, "alpha": 5.243, "s": 0.432, "beta": 4.348}
REGULARITY, RATE, ALIVE, FORECAST = 3.892, 0.160, 0.316, 3815
"""Means of customers' medians of k and lambda, the share likely to be alive, and purchases of the second year."""

ERROR_TO_REGULAR = 0.621 / 0.644

_SECTION = "Pareto/GGG, vignette of BTYDplus 1.2 on its groceryElog"


def run_checks(path: Path) -> Iterator[Check]:
    """Check parameters, customers' medians, the forecast, and its error beside MBG/CNBD-k's. Raises SourceError."""
    from patron.predict import ParetoGGG

    found = read_grocery(path)
    model = ParetoGGG().fit(*found.history, found.log_gaps)
    yield Check(_SECTION, "parameters with an R-hat above 1.05", 0, _count_apart(model), 0)
    for name, published in PUBLISHED.items():
        allowed = float(model.draws_[name].std()) / 2
        yield Check(_SECTION, f"{name}, median", published, model.params_[name], allowed)
    regularity, rate = (
        float(np.median(own, axis=0).mean()) for own in (model.customers_.regularity, model.customers_.rate)
    )
    yield Check(_SECTION, "k, mean of customers' medians", REGULARITY, regularity, REGULARITY / 50)
    yield Check(_SECTION, "lambda, mean of customers' medians", RATE, rate, RATE / 50)
    alive = float((model.probability_alive() > 0.5).mean())
    yield Check(_SECTION, "share of customers likely to be alive", ALIVE, alive, 0.01)
    yield from _check_forecast(model, found)


def _check_forecast(model: ParetoGGG, found: Grocery) -> Iterator[Check]:
    from patron.predict import MBGCNBDK

    expected = model.expected_purchases(found.ahead)
    yield Check(_SECTION, "forecast of the second year", FORECAST, float(expected.sum()), FORECAST / 100)
    regular = MBGCNBDK().fit(*found.history, log_gaps=float(found.log_gaps.sum()))
    errors = [np.abs(one - found.later).mean() for one in (expected, forecast_as_published(regular, found))]
    ratio = float(errors[0] / errors[1])
    yield Check(_SECTION, "mean absolute error / that of MBG/CNBD-k", ERROR_TO_REGULAR, ratio, 0.01)


def _count_apart(model: ParetoGGG) -> int:
    return sum(r_hat > 1.05 for r_hat in model.convergence_.r_hat.values())
