"""Tests whether frequent buyers also spend more per order, as the gamma-gamma model assumes they do not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtr

from patron.predict.models.gamma_gamma_data import to_spending
from patron.predict.models.likelihood.arrays import Floats

_SMALL = 0.1
"""Correlations below this are small: frequency then explains less than 1% of the variance of spend."""

_FEWEST = 30


@dataclass(frozen=True)
class Independence:
    """Pearson's correlation of frequency and mean order value, with a 95% interval.

    holds: whether the model's assumption does. statement: the result as sentences.
    """

    correlation: float
    low: float
    high: float
    p_value: float
    customers: float
    holds: bool
    statement: str


def spend_frequency_correlation(frequency: Any, mean_value: Any, weights: Any = None) -> Independence:
    """Test the correlation over customers with orders; arguments as `GammaGamma.fit` takes them.

    If spend is independent of frequency, a mean value has the same expectation whatever the number of orders, so the
    correlation is 0, though means of few orders scatter more. The standard error allows for that (it is the spread of
    each customer's influence, uv - r (u^2 + v^2) / 2 in standard units). Raises HistoryError, NotIdentifiableError.
    """
    seen = to_spending(frequency, mean_value, weights)
    n = seen.customers
    u, v = (_standardise(column, seen.weights) for column in (seen.frequency, seen.mean_value))
    r = float(seen.total(u * v) / n)
    error = float(np.sqrt(seen.total((u * v - r * (u**2 + v**2) / 2) ** 2)) / n)
    p_value = float(2 * ndtr(-abs(r) / error)) if error > 0 else float(r == 0)
    low, high = max(r - 1.96 * error, -1.0), min(r + 1.96 * error, 1.0)
    holds = abs(r) < _SMALL or low < 0 < high
    return Independence(r, low, high, p_value, n, holds, _describe(r, low, high, n, holds))


def _standardise(column: Floats, weights: Floats | None) -> Floats:
    mean = np.average(column, weights=weights)
    spread = np.sqrt(np.average((column - mean) ** 2, weights=weights))
    standard: Floats = (column - mean) / spread if spread > 0 else np.zeros(len(column))
    return standard


def _describe(r: float, low: float, high: float, n: float, holds: bool) -> str:
    figures = (
        f"Correlation of frequency and mean order value: {r:.2f} (95%: {low:.2f} to {high:.2f}; {n:,.0f} customers)."
    )
    if n < _FEWEST:
        return f"{figures} Too few customers to test whether spend depends on frequency."
    if low < 0 < high:
        return f"{figures} No sign that spend depends on frequency."
    if holds:
        return f"{figures} Spend hardly depends on frequency; the model's assumption is close enough."
    more, wrong = ("more", "low") if r > 0 else ("less", "high")
    return (
        f"{figures} Frequent buyers spend {more} per order, which the model ignores: their predicted values are too"
        f" {wrong}. Fit segments separately."
    )
