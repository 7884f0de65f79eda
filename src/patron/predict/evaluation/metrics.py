"""How near a forecast came: total, spread, order, and calibration by decile. Weights are customers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from patron.predict.models.likelihood.arrays import Floats

BINS = 10


@dataclass(frozen=True)
class Bin:
    """Customers with forecasts next to each other. predicted, actual: means a customer."""

    number: int
    customer_count: float
    predicted: float
    actual: float


def rmse(predicted: Floats, actual: Floats, weights: Floats) -> float:
    """Root of the mean squared error of one customer."""
    return float(np.sqrt(((predicted - actual) ** 2) @ weights / weights.sum()))


def total_ratio(predicted: Floats, actual: Floats, weights: Floats) -> float | None:
    """Forecast total / what came; None where nothing came."""
    came = float(actual @ weights)
    return float(predicted @ weights) / came if came else None


def normalised_gini(predicted: Floats, actual: Floats, weights: Floats) -> float:
    """How well a forecast ranks customers: 1 as if it knew the future, 0 as by chance, below 0 the wrong way round.

    The area between the share of purchases and the share of customers, taken from the highest forecast down, divided by
    that of the perfect order. Customers with equal forecasts share their purchases, so that no luck of sorting counts.
    """
    best = _area(actual, actual, weights)
    return _area(predicted, actual, weights) / best if best > 0 else 0.0


def calibration(predicted: Floats, actual: Floats, weights: Floats) -> list[Bin]:
    """Ten groups of equal size by forecast, the lowest first. Equal forecasts stay together, so there may be fewer."""
    values, which = np.unique(predicted, return_inverse=True)
    size = np.bincount(which, weights=weights, minlength=len(values))
    middle = np.cumsum(size) - size / 2
    group = np.minimum((middle / weights.sum() * BINS).astype(int), BINS - 1)[which]
    found = []
    for number in np.unique(group):
        inside = group == number
        own = weights[inside]
        means = (float(one[inside] @ own / own.sum()) for one in (predicted, actual))
        found.append(Bin(int(number) + 1, float(own.sum()), *means))
    return found


def calibration_error(bins: list[Bin]) -> float | None:
    """Mean distance of forecast and truth over the bins, as a share of the mean truth; None where nothing came."""
    customers = sum(one.customer_count for one in bins)
    came = sum(one.actual * one.customer_count for one in bins)
    apart = sum(abs(one.predicted - one.actual) * one.customer_count for one in bins)
    return apart / came if customers and came else None


def _area(by: Floats, actual: Floats, weights: Floats) -> float:
    """Twice the area between the curve of purchases, by falling `by`, and the diagonal."""
    _, which = np.unique(-by, return_inverse=True)
    customers = np.bincount(which, weights=weights)
    bought = np.bincount(which, weights=weights * actual)
    if not bought.sum():
        return 0.0
    reached = np.concatenate([[0.0], np.cumsum(bought) / bought.sum()])
    return float((reached[1:] + reached[:-1]) @ (customers / customers.sum()) - 1)
