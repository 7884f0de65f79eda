"""Significance tests, so that random variation is not reported as a change."""

from __future__ import annotations

import math

FEW = 20
"""Below this many, sentences give counts without percentages or explanations."""

_Z = 2.241402727604947
"""The quantile of a 97.5% interval: a report compares two shares, retention and churn, which share 5% (Bonferroni)."""


def shares_differ(count: int, of: int, other_count: int, other_of: int) -> bool:
    """Return whether the interval of the difference of two shares excludes zero (Newcombe 1998, method 10).

    The interval is of 97.5%, so that a report in which nothing changed tells of a change in 5% of cases at most.
    """
    if not of or not other_of:
        return False
    low, share, high = _wilson(count, of)
    other_low, other_share, other_high = _wilson(other_count, other_of)
    difference = share - other_share
    down = math.hypot(share - low, other_high - other_share)
    up = math.hypot(high - share, other_share - other_low)
    return difference - down > 0 or difference + up < 0


def _wilson(count: int, of: int) -> tuple[float, float, float]:
    """Return a share between the ends of its interval (Wilson 1927)."""
    share = count / of
    middle = (count + _Z * _Z / 2) / (of + _Z * _Z)
    half = _Z / (of + _Z * _Z) * math.sqrt(count * (of - count) / of + _Z * _Z / 4)
    return middle - half, share, middle + half
