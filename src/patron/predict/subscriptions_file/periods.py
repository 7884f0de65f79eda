"""The periods of a contract, of calendar months or of days, and how many of them a subscription has completed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from patron.errors import SettingsError

if TYPE_CHECKING:
    import numpy.typing as npt

    Days = npt.NDArray[np.datetime64]
    Counts = npt.NDArray[np.int64]

_DAYS_A_YEAR = 365.25
_NAMED = {"month": (1, 0), "quarter": (3, 0), "year": (12, 0), "week": (0, 7)}
_COUNTED = re.compile(r"(\d+)\s*(day|week|month|year)s?")


@dataclass(frozen=True)
class Period:
    """A period of so many calendar months, or of so many days; the other is 0."""

    months: int
    days: int

    @property
    def years(self) -> float:
        """Return its length in years, to discount by."""
        return self.months / 12 if self.months else self.days / _DAYS_A_YEAR

    def count_completed(self, start: Days, end: Days) -> Counts:
        """Count the renewal days from `start` up to and including `end`, each of shape (n,), in days.

        The renewal days of a contract by month have its starting day, or are the last day of a month without one.
        """
        if self.days:
            whole: Counts = (end - start).astype(np.int64) // self.days
            return whole
        first, last = start.astype("datetime64[M]"), end.astype("datetime64[M]")
        months = (last - first).astype(np.int64)
        next_month = (last + 1).astype("datetime64[D]")
        day = np.minimum((start - first.astype("datetime64[D]")).astype(np.int64), _count_days(last, next_month) - 1)
        is_before = (end - last.astype("datetime64[D]")).astype(np.int64) < day
        found: Counts = (months - is_before) // self.months
        return found

    def count_begun(self, start: Days, end: Days) -> Counts:
        """Count the periods begun from `start` to before `end`: at least 1, as even a day's contract is a period."""
        found: Counts = np.maximum(self.count_completed(start, end - np.timedelta64(1, "D")) + 1, 1)
        return found


def parse_period(text: str) -> Period:
    """Parse month, quarter, year, week, or a number of days, weeks, months or years. Raises SettingsError."""
    counted = _COUNTED.fullmatch(text.strip().lower())
    if text.strip().lower() in _NAMED:
        return Period(*_NAMED[text.strip().lower()])
    if counted is None or not int(counted[1]):
        do = "use month, quarter, year, week, or a number of one of them, such as '30 days'"
        raise SettingsError(f"{text} is not a period.", where="--period", do=do)
    number, unit = int(counted[1]), counted[2]
    months = {"month": number, "year": 12 * number}.get(unit, 0)
    return Period(months, {"day": number, "week": 7 * number}.get(unit, 0))


def _count_days(first: Days, after: Days) -> Counts:
    found: Counts = (after - first.astype("datetime64[D]")).astype(np.int64)
    return found
