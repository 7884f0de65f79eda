"""Estimates a shop's season from how many repeat purchases came on each day, and how many a model expected.

Purchases of a week are Poisson around what the model expects x e^(level + trend x years + season of the month). The
months are random effects with mean 0 (Breslow and Clayton 1993, penalised quasi-likelihood): the less they differ
beyond chance, the more they are drawn towards an even year. Chance is what remains between weeks, or between the same
months of several years, whichever is more. The trend is only estimated so that it is not taken for a season.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from patron.predict.models.likelihood.arrays import Floats
from patron.predict.season.clock import Season

Integers = npt.NDArray[np.int64]

FULL_CYCLE_DAYS = 365
"""With less history there is no season: months that were never seen would be guesses."""

_TREND_PRIOR, _FIRST_SPREAD = 0.5, 0.3
_STEPS = 100
_LEAST_SPREAD = 0.01
"""Standard deviation of the logarithm of months below which a year is even."""


@dataclass(frozen=True)
class Purchases:
    """Repeat purchases by day, shape (days,), consecutive: how many came, and how many were expected.

    months: of each day, 0 for January. years: from the last day, so 0 or less.
    """

    actual: Floats
    expected: Floats
    months: Integers
    years: Floats


def estimate_season(purchases: Purchases) -> Season | None:
    """Estimate the pace of each month; None where months do not differ beyond chance, or a cycle was not seen."""
    if len(purchases.actual) < FULL_CYCLE_DAYS or not purchases.actual.any():
        return None
    months = _estimate_months(_bin(purchases, _number_weeks(purchases)), purchases)
    return None if months is None else Season.from_paces(np.exp(months))


@dataclass(frozen=True)
class _Bins:
    """Days of the same week and month together: purchases that came, and were expected; their months and years."""

    actual: Floats
    expected: Floats
    months: Integers
    years: Floats


def _number_weeks(purchases: Purchases) -> Integers:
    return np.arange(len(purchases.actual))[::-1] // 7


def _number_months(purchases: Purchases) -> Integers:
    return np.cumsum(np.diff(purchases.months, prepend=purchases.months[0]) != 0)


def _bin(purchases: Purchases, numbers: Integers) -> _Bins:
    """Sum days with the same number and month."""
    _, first, which = np.unique(numbers * 12 + purchases.months, return_index=True, return_inverse=True)
    actual, expected, years = (
        np.bincount(which, weights=values).astype(np.float64)
        for values in (purchases.actual, purchases.expected, purchases.years)
    )
    useful = expected > 0
    days = np.bincount(which)
    return _Bins(actual[useful], expected[useful], purchases.months[first][useful], (years / days)[useful])


def _estimate_months(weeks: _Bins, purchases: Purchases) -> Floats | None:
    """Return the logarithms of the months' paces, (12,), by EM for their spread; None if there is none."""
    spread, chance = _FIRST_SPREAD, 1.0
    whole = _bin(purchases, _number_months(purchases))
    for _ in range(_STEPS):
        effects, variance = _fit(weeks, spread, chance)
        chance = max(1.0, _measure_chance(weeks, effects), _measure_chance(whole, effects))
        before, spread = spread, float(np.sqrt(np.mean(effects[2:] ** 2 + variance[2:])))
        if spread < _LEAST_SPREAD:
            return None
        if abs(spread - before) < 1e-4 * before:
            break
    return effects[2:]


def _fit(bins: _Bins, spread: float, chance: float) -> tuple[Floats, Floats]:
    """Fit level, trend and months by penalised Poisson regression; return them and their variances, (14,) each."""
    design = np.column_stack([np.ones(len(bins.actual)), bins.years, np.eye(12)[bins.months]])
    prior = np.concatenate([[1e-6, 1 / _TREND_PRIOR**2], np.full(12, 1 / spread**2)])
    found = np.zeros(14)
    found[0] = np.log(max(bins.actual.sum(), 0.5) / bins.expected.sum())
    for _ in range(_STEPS):
        fitted = bins.expected * np.exp(np.clip(design @ found, -20, 20))
        gradient = design.T @ (bins.actual - fitted) / chance - prior * found
        information = (design.T * fitted) @ design / chance + np.diag(prior)
        step = np.linalg.solve(information, gradient)
        found = found + np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-8:
            break
    return found, np.diag(np.linalg.inv(information))


def _measure_chance(bins: _Bins, effects: Floats) -> float:
    """Measure the variance of bins around the fit, in units of a Poisson's; 1 with hardly more bins than effects."""
    fitted = bins.expected * np.exp(effects[0] + effects[1] * bins.years + effects[2:][bins.months])
    seen = fitted >= 1
    left = int(seen.sum()) - len(np.unique(bins.months[seen])) - 2
    if left < 3:
        return 1.0
    return float((((bins.actual - fitted) ** 2) / np.maximum(fitted, 1e-9))[seen].sum() / left)
