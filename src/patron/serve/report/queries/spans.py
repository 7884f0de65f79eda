"""Chooses the days of a period and the earlier days that they are compared with, so that both ranges are alike."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patron.errors import NothingBuiltError, SettingsError
from patron.serve.periods import Period

if TYPE_CHECKING:
    import duckdb

    from patron.project.number_format import Formats


@dataclass(frozen=True)
class DataDays:
    """The days that the published tables cover.

    first: the first day with an order. last: the last day measured, which is as_of.
    """

    first: dt.date
    last: dt.date

    @classmethod
    def of(cls, connection: duckdb.DuckDBPyConnection) -> DataDays:
        """Query the days of the published tables. Raises NothingBuiltError for a shop without orders."""
        sql = """
            select min(kpi_date) filter (order_count > 0), max(kpi_date)
            from gold.kpi_overall
        """
        found = connection.execute(sql).fetchone()
        if found is None or found[0] is None:
            do = "`patron status` shows what was ingested; once there are orders, run `patron run`"
            raise NothingBuiltError("There are no orders to report on.", where="gold.kpi_overall", do=do)
        return cls(*found)

    def refuse_outside(self, period: Period) -> None:
        """Raise SettingsError, naming the available days, if the period has none of them."""
        if period.last < self.first or period.first > self.last:
            what = f"{period} has no data; orders run from {self.first} to {self.last}."
            first, last = Period.of(period.kind, self.first), Period.of(period.kind, self.last)
            do = f"name one from {first} to {last}" if first != last else f"the only {period.kind} is {first}"
            raise SettingsError(what, where="--period", do=do)


@dataclass(frozen=True)
class Days:
    """A range of days within one period, both ends included."""

    period: Period
    first: dt.date
    last: dt.date

    @property
    def count(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def is_whole(self) -> bool:
        """Return whether the range covers every day of the period."""
        return (self.first, self.last) == (self.period.first, self.period.last)

    def label(self, formats: Formats) -> str:
        """Name the range as in a sentence: November 2011, or the first 9 days of December 2011."""
        name = self.period.label(formats)
        if self.is_whole:
            return name
        if self.first > self.period.first:
            return f"{name} from {formats.day(self.first)}"
        return f"the first {_days(self.count)} of {name}"


@dataclass(frozen=True)
class Comparison:
    """A period and the one before it.

    before: None if the data does not cover all of the previous period. since: the first day of the data.
    """

    now: Days
    before: Days | None
    is_complete: bool
    since: dt.date

    @classmethod
    def of(cls, period: Period, data: DataDays) -> Comparison:
        """Compare a period with the previous one, and an incomplete period with equally many days of it."""
        now = Days(period, max(period.first, data.first), min(period.last, data.last))
        is_complete = period.is_complete(data.last)
        return cls(now, _before(now, period.previous(), data, is_complete), is_complete, data.first)

    @classmethod
    def with_year_before(cls, period: Period, data: DataDays) -> Comparison:
        """Compare a period with the same period of the previous year."""
        comparison = cls.of(period, data)
        before = _before(comparison.now, period.year_before(), data, comparison.is_complete)
        return cls(comparison.now, before, comparison.is_complete, data.first)

    @property
    def is_whole(self) -> bool:
        """Return whether both ranges are complete periods, so that the published figures of periods apply."""
        return self.is_complete and self.now.is_whole and (self.before is None or self.before.is_whole)

    def remark(self, formats: Formats) -> str:
        """Write a note about the comparison for the reader; empty if both periods are complete."""
        period = self.now.period
        if self.before is None:
            return f"No comparison: {self.why_alone(formats)}."
        if not self.is_complete:
            name = period.label(formats)
            has = f"{name[0].upper()}{name[1:]} is not complete: its first {_days(self.now.count)}"
            be = "is" if self.now.count == 1 else "are"
            return f"{has} {be} compared with {self.before.label(formats)}."
        return ""

    def why_alone(self, formats: Formats) -> str:
        """Explain why there is no earlier period to compare with."""
        kind = self.now.period.kind
        return f"orders begin on {formats.day(self.since)}, so there is no complete previous {kind}"


def _before(now: Days, other: Period, data: DataDays, is_complete: bool) -> Days | None:
    if other.first < data.first or now.first > now.period.first:
        return None
    last = other.last if is_complete else min(other.last, other.first + dt.timedelta(days=now.count - 1))
    return Days(other, other.first, last)


def _days(count: int) -> str:
    return "day" if count == 1 else f"{count} days"
