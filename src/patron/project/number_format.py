"""Numbers, money and days as the shop writes them: reports, pages and cards print through here."""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, TypeGuard

if TYPE_CHECKING:
    from patron.project.settings import Shop

Number = int | float | Decimal

NOTHING = "–"
"""What stands where there is no value."""


@dataclass(frozen=True)
class Formats:
    """How one shop writes. locale: such as en_GB; currency: ISO code. Every method gives NOTHING for None and NaN."""

    locale: str
    currency: str

    @classmethod
    def of(cls, shop: Shop) -> Formats:
        """The shop's own, as patron.yaml says."""
        return cls(shop.locale, shop.currency)

    def money(self, amount: Number | None, *, cents: bool = False) -> str:
        """An amount to the whole unit; cents: with the currency's smaller unit."""
        from babel.numbers import format_currency

        if not _is_there(amount):
            return NOTHING
        if cents:
            return format_currency(amount, self.currency, locale=self.locale)
        whole = round(amount)  # never minus nothing
        return format_currency(whole, self.currency, locale=self.locale, format=self._whole, currency_digits=False)

    def short_money(self, amount: Number | None) -> str:
        """An amount for an axis or a tile: three digits and a unit, such as £481K."""
        from babel.numbers import format_compact_currency

        if not _is_there(amount):
            return NOTHING
        short = format_compact_currency(amount, self.currency, locale=self.locale, fraction_digits=_digits(amount))
        return self.money(amount) if _size(amount) < 1000 or _is_not_shortened(short) else short

    def count(self, number: Number | None, *, digits: int = 0) -> str:
        """A number with its thousands apart; digits: after the point."""
        from babel.numbers import format_decimal

        if not _is_there(number):
            return NOTHING
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        return format_decimal(round(float(number), digits) + 0, format=pattern, locale=self.locale)

    def short_count(self, number: Number | None) -> str:
        """A number for an axis or a tile, such as 12K."""
        from babel.numbers import format_compact_decimal

        if not _is_there(number):
            return NOTHING
        short = format_compact_decimal(float(number), locale=self.locale, fraction_digits=_digits(number))
        return self.count(number) if _size(number) < 1000 or _is_not_shortened(short) else short

    def share(self, rate: Number | None, *, digits: int = 0) -> str:
        """A rate of 0 to 1 as a percentage."""
        from babel.numbers import format_percent

        if not _is_there(rate):
            return NOTHING
        pattern = "#,##0" + ("." + "0" * digits if digits else "") + self._percent
        return format_percent(round(float(rate), digits + 2) + 0, format=pattern, locale=self.locale)

    def day(self, day: dt.date | None) -> str:
        """A day, such as 9 Dec 2011."""
        from babel.dates import format_date

        return NOTHING if day is None else format_date(day, format="medium", locale=self.locale)

    def month(self, day: dt.date | None) -> str:
        """The month of a day, such as Dec 2011."""
        from babel.dates import format_skeleton

        return NOTHING if day is None else format_skeleton("yMMM", day, locale=self.locale)

    def moment(self, moment: dt.datetime | None) -> str:
        """A day and its time to the minute."""
        from babel.dates import format_time

        if moment is None:
            return NOTHING
        return f"{self.day(moment.date())}, {format_time(moment.time(), format='short', locale=self.locale)}"

    def weekday(self, number: int | None) -> str:
        """A day of the week by its number, 1 for Monday."""
        from babel.dates import get_day_names

        return NOTHING if number is None else str(get_day_names("wide", locale=self.locale)[number - 1])

    def hour(self, hour: int | None) -> str:
        """A full hour of the day, such as 14:00."""
        from babel.dates import format_time

        return NOTHING if hour is None else format_time(dt.time(hour), format="short", locale=self.locale)

    @property
    def _whole(self) -> str:
        """The locale's pattern of money without its decimals."""
        from babel import Locale

        return str(Locale.parse(self.locale).currency_formats["standard"].pattern).replace(".00", "")

    @property
    def _percent(self) -> str:
        """What the locale writes after a percentage."""
        from babel import Locale

        pattern = str(Locale.parse(self.locale).percent_formats[None].pattern)
        return pattern[pattern.rindex("0") + 1 :]


def _digits(number: Number) -> int:
    """After the point, so that a shortened number has two or three digits."""
    return 1 if 1000 <= _size(number) < 10_000 or _size(number) >= 1_000_000 else 0


def _is_not_shortened(text: str) -> bool:
    """Some locales have no short form of thousands, and then set no thousands apart either."""
    return re.search(r"\d{4}", text) is not None


def _size(number: Number) -> float:
    return abs(float(number))


def _is_there(number: Number | None) -> TypeGuard[Number]:
    return number is not None and not math.isnan(number)
