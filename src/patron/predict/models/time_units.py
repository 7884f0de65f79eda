"""Purchase models count in weeks, measures in days, and rates are of a year."""

from __future__ import annotations

from math import log1p

DAYS_A_WEEK = 7.0
WEEKS_A_YEAR = 365 / DAYS_A_WEEK
WEEKS_A_MONTH = WEEKS_A_YEAR / 12


def continuous_rate(annual_rate: float, year: float = WEEKS_A_YEAR) -> float:
    """The rate per unit of time that takes as much off in a year as `annual_rate` does."""
    return log1p(annual_rate) / year
