"""Metrics of forecast accuracy: total, error, ranking, and calibration by decile. Weights are customers.

Throughout, predicted and actual are purchases of one customer of each cell, and weights customers per cell: (cells,).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from patron.predict.models.likelihood.arrays import Floats

BINS = 10
_LEAST_PROBABILITY = 1e-15


@dataclass(frozen=True)
class Bin:
    """Customers with similar forecasts. predicted, actual: means per customer."""

    number: int
    customer_count: float
    predicted: float
    actual: float


def compute_rmse(predicted: Floats, actual: Floats, weights: Floats) -> float:
    """Compute the root mean squared error per customer, in purchases."""
    return float(np.sqrt(((predicted - actual) ** 2) @ weights / weights.sum()))


def compute_error_share(predicted: Floats, actual: Floats, weights: Floats) -> float | None:
    """Compute the sum of absolute errors / the sum of what came; None if the latter is 0 or less."""
    total = float(actual @ weights)
    return float(np.abs(predicted - actual) @ weights) / total if total > 0 else None


def compute_deviance(predicted: Floats, actual: Floats, weights: Floats) -> float:
    """Compute the mean Poisson deviance: proper for expectations; 0 is ideal."""
    return float(compute_deviances(predicted, actual) @ weights / weights.sum())


def compute_deviances(predicted: Floats, actual: Floats) -> Floats:
    """Compute the Poisson deviance, 2 (y ln(y / mu) - y + mu), of a customer of each cell, (cells,)."""
    mean = np.maximum(predicted, _LEAST_PROBABILITY)
    each = np.where(actual > 0, actual * np.log(np.maximum(actual, 1.0) / mean), 0.0) - actual + mean
    found: Floats = 2 * each
    return found


def compute_brier(probability: Floats, happened: Floats, weights: Floats) -> float:
    """Compute the Brier score: the mean of (probability - 1 or 0)^2; 0 is ideal."""
    return float(((probability - happened) ** 2) @ weights / weights.sum())


def compute_log_loss(probability: Floats, happened: Floats, weights: Floats) -> float:
    """Compute the mean of -ln of the probability of what happened; 0 is ideal."""
    of_it = np.where(happened > 0, probability, 1 - probability)
    return float(-np.log(np.maximum(of_it, _LEAST_PROBABILITY)) @ weights / weights.sum())


def compute_total_ratio(predicted: Floats, actual: Floats, weights: Floats) -> float | None:
    """Compute predicted total / actual total; None if the latter is 0."""
    total = float(actual @ weights)
    return float(predicted @ weights) / total if total else None


def compute_gini(predicted: Floats, actual: Floats, weights: Floats) -> float:
    """Compute the normalised Gini coefficient of a ranking of customers: 1 perfect, 0 random, below 0 reversed.

    The area between the share of purchases and the share of customers, from the highest forecast down, divided by
    that of the perfect order. Customers with equal forecasts share their purchases, so that their order is irrelevant.
    """
    best = _area(actual, actual, weights)
    return _area(predicted, actual, weights) / best if best > 0 else 0.0


def bin_by_forecast(predicted: Floats, actual: Floats, weights: Floats) -> list[Bin]:
    """Group customers into deciles by forecast, lowest first; equal forecasts stay together, so there may be fewer."""
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


def compute_calibration_error(bins: list[Bin]) -> float | None:
    """Compute the mean absolute difference of predicted and actual over the bins / the mean actual; None if it is 0."""
    customers = sum(one.customer_count for one in bins)
    actual = sum(one.actual * one.customer_count for one in bins)
    apart = sum(abs(one.predicted - one.actual) * one.customer_count for one in bins)
    return apart / actual if customers and actual else None


def _area(by: Floats, actual: Floats, weights: Floats) -> float:
    """Compute twice the area between the curve of purchases, by falling `by`, and the diagonal."""
    _, which = np.unique(-by, return_inverse=True)
    customers = np.bincount(which, weights=weights)
    bought = np.bincount(which, weights=weights * actual)
    if not bought.sum():
        return 0.0
    reached = np.concatenate([[0.0], np.cumsum(bought) / bought.sum()])
    return float((reached[1:] + reached[:-1]) @ (customers / customers.sum()) - 1)
