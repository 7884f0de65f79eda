"""Calendar periods: weeks, months, quarters and years, written as 2011-W45, 2011-11, 2011-Q4 and 2011."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from patron.errors import SettingsError

if TYPE_CHECKING:
    from patron.project.number_format import Formats

Kind = Literal["week", "month", "quarter", "year"]

_FORMS: dict[Kind, str] = {
    "month": r"(\d{4})-(\d\d)",
    "quarter": r"(\d{4})-Q([1-4])",
    "week": r"(\d{4})-W(\d\d)",
    "year": r"(\d{4})()",
}

_ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """A calendar period. first: its first day; weeks are those of ISO 8601 and start on Monday."""

    kind: Kind
    first: dt.date

    @classmethod
    def parse(cls, text: str) -> Period:
        """Parse a period such as 2011-11, 2011-Q4, 2011-W45 or 2011. Raises SettingsError for anything else."""
        for kind, form in _FORMS.items():
            found = re.fullmatch(form, text.strip(), flags=re.ASCII | re.IGNORECASE)
            if found:
                try:
                    return cls(kind, _find_first_day(kind, int(found[1]), int(found[2] or 1)))
                except ValueError:  # such as 2011-13, 2011-W53 or the year 0
                    break
        do = "write a month such as 2011-11, a quarter such as 2011-Q4, a week such as 2011-W45, or a year such as 2011"
        raise SettingsError(f"{text!r} is not a valid period.", where="--period", do=do)

    @classmethod
    def of(cls, kind: Kind, day: dt.date) -> Period:
        """Return the period of a kind that contains a day."""
        starts = {
            "week": day - dt.timedelta(days=day.weekday()),
            "month": day.replace(day=1),
            "quarter": day.replace(month=3 * ((day.month - 1) // 3) + 1, day=1),
            "year": day.replace(month=1, day=1),
        }
        return cls(kind, starts[kind])

    @property
    def last(self) -> dt.date:
        """Return the last day of the period."""
        return self.next().first - _ONE_DAY

    @property
    def day_count(self) -> int:
        """Return the number of days in the period."""
        return (self.last - self.first).days + 1

    def next(self) -> Period:
        """Return the following period."""
        if self.kind == "week":
            return Period("week", self.first + dt.timedelta(days=7))
        months = {"month": 1, "quarter": 3, "year": 12}[self.kind]
        return Period(self.kind, _add_months(self.first, months))

    def previous(self) -> Period:
        """Return the preceding period."""
        return Period.of(self.kind, self.first - _ONE_DAY)

    def year_before(self) -> Period:
        """Return the same period of the previous year; for a week, the one 52 weeks earlier."""
        if self.kind == "week":
            return Period("week", self.first - dt.timedelta(weeks=52))
        return Period(self.kind, self.first.replace(year=self.first.year - 1))

    def is_complete(self, as_of: dt.date) -> bool:
        """Return whether the period is over at the end of as_of."""
        return as_of >= self.last

    def __str__(self) -> str:
        """Write the period as on the command line, such as 2011-W45; `parse` reads it."""
        if self.kind == "week":
            of_year, week, _ = self.first.isocalendar()
            return f"{of_year:04d}-W{week:02d}"
        year = f"{self.first.year:04d}"
        ends = {"month": f"-{self.first.month:02d}", "quarter": f"-Q{(self.first.month + 2) // 3}", "year": ""}
        return year + ends[self.kind]

    def label(self, formats: Formats) -> str:
        """Name the period as in a sentence: November 2011, Q4 2011, the week of 7 Nov 2011, 2011."""
        if self.kind == "week":
            return f"the week of {formats.day(self.first)}"
        return self._format({"month": "yMMMM", "quarter": "yQQQ", "year": "y"}[self.kind], formats)

    def short_label(self, formats: Formats) -> str:
        """Name the period as on an axis or in a table: Nov 2011, Q4 2011, 7 Nov 2011, 2011."""
        if self.kind == "week":
            return formats.day(self.first)
        return self._format({"month": "yMMM", "quarter": "yQQQ", "year": "y"}[self.kind], formats)

    def _format(self, skeleton: str, formats: Formats) -> str:
        from babel.dates import format_skeleton

        return format_skeleton(skeleton, self.first, locale=formats.locale)


def find_last_complete(kind: Kind, as_of: dt.date) -> Period:
    """Return the last period of a kind that is over at the end of as_of."""
    return Period.of(kind, as_of + _ONE_DAY).previous()


def _find_first_day(kind: Kind, year: int, number: int) -> dt.date:
    """Return the first day of a period. Raises ValueError if there is no such period, or none follows it."""
    if not 1 < year < 9999:
        raise ValueError(year)
    if kind == "week":
        return dt.date.fromisocalendar(year, number, 1)
    return dt.date(year, 3 * number - 2 if kind == "quarter" else number, 1)


def _add_months(first: dt.date, months: int) -> dt.date:
    years, month = divmod(first.month - 1 + months, 12)
    return first.replace(year=first.year + years, month=month + 1)
