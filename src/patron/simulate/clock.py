"""The shop's own time, which runs faster in busy hours: seasons leave every stated rate unchanged."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from patron.simulate.streams import Floats, Ints

if TYPE_CHECKING:
    from patron.simulate.spec import ShopSpec

DAY = 86_400
WEEK = 7 * DAY
_BUSIEST_WEEKDAY = 4
_LINES_PER_SLICE = 400_000
_LONGEST_SLICE_DAYS = 28


class Clock:
    """Turns calendar seconds since the start into busy weeks, and back.

    A Poisson process of a constant rate in busy weeks is, in calendar time, one whose rate follows the season
    (the time-change theorem). The busyness of an hour averages 1 over the period.
    """

    def __init__(self, spec: ShopSpec) -> None:
        busyness = _compute_busyness(spec)
        self.end_seconds = spec.days * DAY
        self._seconds = np.linspace(0.0, self.end_seconds, len(busyness) + 1)
        self._weeks = np.concatenate(([0.0], np.cumsum(busyness / busyness.mean()))) * 3600 / WEEK

    @property
    def end_weeks(self) -> float:
        return float(self._weeks[-1])

    def weeks_at(self, seconds: Floats) -> Floats:
        """Convert calendar seconds since the start to busy weeks."""
        return np.interp(seconds, self._seconds, self._weeks)

    def seconds_at(self, weeks: Floats) -> Ints:
        """Convert busy weeks since the start to calendar seconds, rounded."""
        seconds = np.interp(weeks, self._weeks, self._seconds).astype(np.int64)
        return np.minimum(seconds, self.end_seconds - 1)


def _compute_busyness(spec: ShopSpec) -> Floats:
    """Compute how busy each hour of the period is, up to a factor."""
    days = [spec.start + timedelta(days=d) for d in range(spec.days)]
    weekday = np.array([d.weekday() for d in days])
    day_of_year = np.array([d.timetuple().tm_yday for d in days])
    daily = 1 + spec.weekly_amplitude * np.cos(2 * np.pi * (weekday - _BUSIEST_WEEKDAY) / 7)
    daily *= 1 + spec.yearly_amplitude * np.cos(2 * np.pi * (day_of_year - spec.yearly_peak_day) / 365.25)
    daily *= np.where(np.isin(weekday, spec.closed_weekdays), 0.0, 1.0)
    daily *= np.where([d in spec.promotion_days for d in days], 1 + spec.promotion_uplift, 1.0)
    hour = np.arange(24)
    hourly = np.where((hour >= spec.opening_hours[0]) & (hour < spec.opening_hours[1]), 1.0, 0.0)
    return np.outer(daily, hourly).ravel()


def slice_edges(spec: ShopSpec, expected_lines: float) -> list[int]:
    """List the seconds at which slices of time begin and end: whole days, each slice small enough for memory."""
    wanted = round(spec.days * _LINES_PER_SLICE / expected_lines)
    slice_days = min(max(wanted, 1), _LONGEST_SLICE_DAYS)
    return [*range(0, spec.days * DAY, slice_days * DAY), spec.days * DAY]
