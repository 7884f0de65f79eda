"""Converts units of time: purchase models use weeks, measures days, and rates are per year."""

from __future__ import annotations

from math import log1p

DAYS_A_WEEK = 7.0
WEEKS_A_YEAR = 365 / DAYS_A_WEEK
WEEKS_A_MONTH = WEEKS_A_YEAR / 12


def continuous_rate(annual_rate: float, year: float = WEEKS_A_YEAR) -> float:
    """Convert an annual rate to a continuous rate per unit of time. year: the length of a year in units of time."""
    return log1p(annual_rate) / year
