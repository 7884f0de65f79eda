"""Measures time as customers live it: faster in the months when they buy more often.

A customer who buys at random moments at a rate that follows the season, and leaves only at a purchase, is a customer of
constant rate in warped time, where every day counts for the pace of its month. Models are fitted, and predict, in
warped weeks; that is exact for BG/NBD, MBG/NBD and their regular kinds. Pareto/NBD customers leave at any time: there,
lifetimes are taken to follow the season too, which over whole years makes no difference.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np

from patron.predict.models.likelihood.arrays import Floats
from patron.predict.models.time_units import DAYS_A_WEEK

MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_MONTH_DAYS = np.array([31, 28.25, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


@dataclass(frozen=True)
class Season:
    """How often customers buy in each month, January first: 1 is the mean over the days of a year."""

    paces: tuple[float, ...]

    @classmethod
    def from_paces(cls, paces: Sequence[float] | Floats) -> Self:
        """Build a season from numbers in proportion to purchases per day, one for each month, all above 0."""
        given = np.asarray(paces, dtype=np.float64)
        return cls(tuple((given * _MONTH_DAYS.sum() / (given @ _MONTH_DAYS)).tolist()))

    @classmethod
    def from_months(cls, paces: Mapping[str, float]) -> Self:
        """Build a season from such numbers by the name of the month, as in MONTHS."""
        return cls.from_paces([paces[month] for month in MONTHS])

    def describe(self) -> str:
        """Describe the busiest and the quietest month, such as "most often in December (+55%)"."""
        busiest, quietest = int(np.argmax(self.paces)), int(np.argmin(self.paces))
        most, least = (f"{MONTHS[month].title()} ({self.paces[month] - 1:+.0%})" for month in (busiest, quietest))
        return f"customers buy most often in {most} and least often in {least}"


@dataclass(frozen=True)
class Clock:
    """Converts days before and after `as_of` to warped weeks; without a season, to plain ones."""

    as_of: dt.date
    season: Season | None = None

    def to_recency(self, recency_days: Any, age_days: Any) -> Floats:
        """Return the weeks from the first purchase, age_days ago, to the last, recency_days later."""
        if self.season is None:
            return np.asarray(recency_days, dtype=np.float64) / DAYS_A_WEEK
        first = -np.asarray(age_days, dtype=np.int64)
        return self._between(first, first + np.asarray(recency_days, dtype=np.int64))

    def to_age(self, age_days: Any) -> Floats:
        """Return the weeks from a day so many days ago to the end of as_of."""
        if self.season is None:
            return np.asarray(age_days, dtype=np.float64) / DAYS_A_WEEK
        first = -np.asarray(age_days, dtype=np.int64)
        return self._between(first, np.zeros_like(first))

    def to_horizon(self, days: Any) -> Floats:
        """Return the weeks from the end of as_of to that of a day so many days later."""
        if self.season is None:
            return np.asarray(days, dtype=np.float64) / DAYS_A_WEEK
        last = np.asarray(days, dtype=np.int64)
        return self._between(np.zeros_like(last), last)

    def to_days(self, weeks: Floats, most: int) -> Floats:
        """Return on which day after as_of so many weeks have passed: fractions of days; NaN stays. most: the last."""
        if self.season is None:
            return weeks * DAYS_A_WEEK
        days = np.arange(most + 1)
        found: Floats = np.interp(weeks, self.to_horizon(days), days)
        return found

    def get_paces(self, days: Any) -> Floats:
        """Return the pace of each day (datetime64), 1 without a season."""
        found: Floats = np.ones(len(days)) if self.season is None else self._paces[to_months(days)]
        return found

    def _between(self, earlier: Any, later: Any) -> Floats:
        """Return the warped weeks between the ends of two days, counted from as_of."""
        first = min(int(np.min(earlier, initial=0)), 0)
        reached = self._reach(first, max(int(np.max(later, initial=0)), 0))
        found: Floats = (reached[later - first] - reached[earlier - first]) / DAYS_A_WEEK
        return found

    def _reach(self, first: int, last: int) -> Floats:
        """Return how many warped days after the end of day `first` each day up to `last` ends."""
        days = np.datetime64(self.as_of, "D") + np.arange(first + 1, last + 1)
        return np.concatenate([[0.0], np.cumsum(self._paces[to_months(days)])])

    @cached_property
    def _paces(self) -> Floats:
        assert self.season is not None
        return np.array(self.season.paces)


def to_months(days: Any) -> Any:
    """Return the months of days (datetime64), 0 for January."""
    return days.astype("datetime64[M]").astype(np.int64) % 12
