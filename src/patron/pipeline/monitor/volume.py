"""Judges a day's row count by the days before it: by their weekday, their level, and how far they usually lie off.

Expected are the median of the last four weeks, each day divided by its weekday's usual share of that level, times the
share of the day's own weekday. A day is odd if its count differs both by a share that matters and by more than the
source's days usually do: medians and the third largest of the deviations, which a few bad days before do not move.
"""

from __future__ import annotations

import datetime as dt
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_LEAST_HISTORY = 28
_LEVEL_DAYS = 14
_LEAST_EXPECTED = 20
"""Fewer rows a day come and go by chance."""
_CLOSED = 0.05
"""Share of days without a row, among those of open weekdays, from which another is nothing odd."""
_RARE, _RARE_DEVIATIONS = 3, 1.8
"""The place, from the largest, of the deviation that is still usual; of some 80 normal ones it is 1.8 deviations."""
_LEAST = 0.02
_AROUND = 14


@dataclass(frozen=True)
class VolumeLimits:
    """change: share that matters. deviations: how many usual deviations are odd. See project/settings/monitor.py."""

    change: float = 0.4
    deviations: float = 4


@dataclass(frozen=True)
class OddVolume:
    """A day whose number of rows is odd. low, high: between which counts would not have been."""

    day: dt.date
    rows: int
    expected: float
    low: float
    high: float

    def describe(self) -> str:
        """Say what came and what was expected."""
        came = "no rows" if not self.rows else f"{self.rows:,} rows"
        usual = f"{self.low:,.0f} to {self.high:,.0f} usual"
        return f"{self.day} ({self.day:%A}): {came}; {self.expected:,.0f} expected, {usual}"


def judge_volume(
    counts: Mapping[dt.date, int],
    day: dt.date,
    history: int,
    limits: VolumeLimits | None = None,
    *,
    is_over: bool = True,
) -> OddVolume | None:
    """Judge the count of a day. counts: day -> rows; days without any may be missing.

    history: days before it that are looked at. is_over: whether all rows of the day should be there by now; if not,
    only too many are odd. Returns None if the day is as expected, or too little is known to expect anything.
    """
    limits = limits or VolumeLimits()
    before = _list_before(counts, day, history)
    if len(before) < _LEAST_HISTORY:
        return None
    shares = _weekday_shares(before)
    share = shares[day.weekday()]
    if share == 0:
        return None
    expected = share * _find_level(before, shares)
    if expected < _LEAST_EXPECTED:
        return None
    material = -math.log(1 - limits.change)
    below, above = (max(material, limits.deviations * usual) for usual in _usual_deviations(before, shares))
    low, high = expected * math.exp(-below), expected * math.exp(above)
    rows = counts.get(day, 0)
    is_low = _read_as(rows, before) < low and (rows > 0 or not _often_has_none(before, shares))
    return OddVolume(day, rows, expected, low, high) if rows > high or (is_over and is_low) else None


def _read_as(rows: int, before: Days) -> float:
    """No rows are read as half of the fewest that came on a day: on a logarithmic scale nothing is infinitely far."""
    return rows or min(count for _, count in before if count) / 2


Days = Sequence[tuple[dt.date, int]]


def _list_before(counts: Mapping[dt.date, int], day: dt.date, history: int) -> Days:
    """The days before, from the first with a row on; those without one count as zero."""
    first = min(counts, default=day)
    days = [day - dt.timedelta(days=back) for back in range(history, 0, -1)]
    return [(one, counts.get(one, 0)) for one in days if one >= first]


def _weekday_shares(before: Days) -> list[float]:
    """Each weekday's rows as a share of the mean of its week: the median over the weeks. 0: closed on most of them."""
    shares = []
    for weekday in range(7):
        found = []
        for place, (day, rows) in enumerate(before):
            around = [count for _, count in before[max(0, place - 3) : place + 4]]
            if day.weekday() == weekday and len(around) == 7 and any(around):
                found.append(7 * rows / sum(around))
        shares.append(statistics.median(found) if found else 0)
    return shares


def _find_level(before: Days, shares: Sequence[float]) -> float:
    """Rows a day, weekdays taken out: the median of the last weeks."""
    levels = [rows / shares[day.weekday()] for day, rows in before[-_LEVEL_DAYS:] if shares[day.weekday()]]
    return statistics.median(levels)


def _usual_deviations(before: Days, shares: Sequence[float]) -> tuple[float, float]:
    """One usual deviation down and up, on a logarithmic scale, of each open day from the level of the days around it.

    Counts of few orders lie further below than above.
    """
    levels = [rows / shares[day.weekday()] for day, rows in before if shares[day.weekday()]]
    found = []
    for place, level in enumerate(levels):
        around = statistics.median(levels[max(0, place - _AROUND) : place + _AROUND + 1])
        if level > 0 and around > 0:
            found.append(math.log(level / around))
    if len(found) < 2 * _RARE:
        return math.inf, math.inf
    middle = 1.4826 * statistics.median(map(abs, found))
    found.sort()
    lowest, highest = -found[_RARE - 1], found[-_RARE]
    return max(middle, lowest / _RARE_DEVIATIONS, _LEAST), max(middle, highest / _RARE_DEVIATIONS, _LEAST)


def _often_has_none(before: Days, shares: Sequence[float]) -> bool:
    open_days = [rows for day, rows in before if shares[day.weekday()]]
    return sum(not rows for rows in open_days) > _CLOSED * len(open_days)
