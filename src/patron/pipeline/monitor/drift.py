"""Judges what a day's rows hold by the days before it: how values are spread, which are empty, new, or gone.

The spread is compared by the population stability index (PSI): the sum over bins of (p - q) ln(p / q), p the day's
share and q that of the history. Numbers fall into bins that double in size, so that prices in cents are six bins away.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

NULL = None
Bin = str | None
"""A category, or the number of a bin as text; None where there is no value."""

_LEAST_HISTORY = 28
_LEAST_ROWS = 30
"""A day with fewer rows is not judged."""
_LEAST_EXPECTED = 20
"""A category is gone if so many of its rows were expected."""
_RARE = 3
_NOISE = 4
"""PSI of a day's n rows over k bins is about (k - 1) / n by chance; more than so many times as much is not."""


@dataclass(frozen=True)
class DriftLimits:
    """See project/settings/monitor.py."""

    drift: float = 0.5
    null_rise: float = 0.2
    category_share: float = 0.1


@dataclass(frozen=True)
class Drift:
    """A day on which a column held other values than before. what: in a sentence's end."""

    day: dt.date
    what: str

    def describe(self) -> str:
        """Say when and what."""
        return f"{self.day} ({self.day:%A}): {self.what}"


Histogram = Mapping[Bin, int]


def judge_drift(
    days: Mapping[dt.date, Histogram],
    day: dt.date,
    history: int,
    limits: DriftLimits | None = None,
    *,
    is_category: bool = False,
) -> list[Drift]:
    """Judge a column's values of a day. days: day -> bin -> rows. is_category: whether bins are values with names."""
    limits = limits or DriftLimits()
    earlier = [day - dt.timedelta(days=back) for back in range(1, history + 1)]
    before = [days[one] for one in earlier if any(days.get(one, {}).values())]
    today = days.get(day, {})
    if len(before) < _LEAST_HISTORY or sum(today.values()) < _LEAST_ROWS:
        return []
    found = list(_judge_nulls(today, before, limits))
    if not found:  # what is empty is neither gone nor spread
        found = list(_judge_spread(today, before, limits))
        found += _judge_categories(today, before, limits) if is_category else ()
    return [Drift(day, what) for what in found]


def measure_psi(day: Histogram, pool: Histogram) -> float:
    """The PSI of a day's values against a pool of others, empty values left out.

    Half a row of the day stands for none, in both: what nobody had before is as rare as a day can tell.
    """
    bins = {one for one in (*day, *pool) if one is not NULL}
    n, m = (sum(rows for one, rows in each.items() if one is not NULL) for each in (day, pool))
    if not n or not m:
        return 0.0
    total = 0.0
    for one in bins:
        p, q = ((each * n + 0.5) / (n + 0.5) for each in (day.get(one, 0) / n, pool.get(one, 0) / m))
        total += (p - q) * math.log(p / q)
    return total


def _judge_spread(today: Histogram, before: Sequence[Histogram], limits: DriftLimits) -> Iterator[str]:
    pool = _add_up(before)
    rows = sum(count for one, count in today.items() if one is not NULL)
    if rows < _LEAST_ROWS:
        return
    usual = sorted(measure_psi(each, pool) for each in before)[-_RARE:][0]
    found = measure_psi(today, pool)
    if found > max(limits.drift, 2 * usual, _NOISE * (len(pool) + 1) / rows):
        yield f"values are spread otherwise than before: PSI {found:.2f}, at most {max(usual, 0):.2f} usual"


def _judge_nulls(today: Histogram, before: Sequence[Histogram], limits: DriftLimits) -> Iterator[str]:
    shares = sorted(_share(each, NULL) for each in before)
    usual, share = shares[len(shares) // 2], _share(today, NULL)
    highest = shares[-_RARE:][0]
    if share > usual + limits.null_rise and share > highest + limits.null_rise / 2:
        yield f"{share:.0%} of the values are empty; {usual:.0%} usual"


def _judge_categories(today: Histogram, before: Sequence[Histogram], limits: DriftLimits) -> Iterator[str]:
    pool, rows = _add_up(before), sum(today.values())
    for one, count in today.items():
        if one is not NULL and one not in pool and count / rows >= limits.category_share:
            yield f"a value that was not there before has {count / rows:.0%} of the rows"
    for one in pool:
        expected = min(_share(each, one) for each in before)
        is_steady = one is not NULL and _share(pool, one) >= limits.category_share and expected > 0
        if is_steady and not today.get(one) and _share(pool, one) * rows >= _LEAST_EXPECTED:
            yield f"a value is gone that had {_share(pool, one):.0%} of the rows, and some on every day"


def _share(histogram: Histogram, one: Bin) -> float:
    return histogram.get(one, 0) / sum(histogram.values())


def _add_up(days: Sequence[Histogram]) -> Counter[Bin]:
    total: Counter[Bin] = Counter()
    for each in days:
        total.update(each)
    return total
