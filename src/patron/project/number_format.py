"""Formats numbers, money and dates by the shop's locale, for reports and pages."""

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
"""The placeholder for a missing value."""


@dataclass(frozen=True)
class Formats:
    """The formats of a shop. locale: such as en_GB. currency: ISO code. All methods return NOTHING for None and NaN."""

    locale: str
    currency: str

    @classmethod
    def of(cls, shop: Shop) -> Formats:
        """Return the formats of a shop, from patron.yaml."""
        return cls(shop.locale, shop.currency)

    def money(self, amount: Number | None, *, cents: bool = False) -> str:
        """Format an amount, rounded to a whole number; cents: with the currency's decimals instead."""
        from babel.numbers import format_currency

        if not _has_value(amount):
            return NOTHING
        if cents:
            return format_currency(amount, self.currency, locale=self.locale)
        rounded = round(amount)  # an integer, so never "-0"
        return format_currency(
            rounded, self.currency, locale=self.locale, format=self._pattern_without_decimals, currency_digits=False
        )

    def short_money(self, amount: Number | None) -> str:
        """Format an amount for an axis or a tile, such as £481K."""
        from babel.numbers import format_compact_currency

        if not _has_value(amount):
            return NOTHING
        short = format_compact_currency(
            amount, self.currency, locale=self.locale, fraction_digits=_choose_digits(amount)
        )
        return self.money(amount) if _get_size(amount) < 1000 or _is_not_shortened(short) else short

    def count(self, number: Number | None, *, digits: int = 0) -> str:
        """Format a number with thousands separators. digits: the number of decimals."""
        from babel.numbers import format_decimal

        if not _has_value(number):
            return NOTHING
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        return format_decimal(round(float(number), digits) + 0, format=pattern, locale=self.locale)

    def short_count(self, number: Number | None) -> str:
        """Format a number for an axis or a tile, such as 12K."""
        from babel.numbers import format_compact_decimal

        if not _has_value(number):
            return NOTHING
        short = format_compact_decimal(float(number), locale=self.locale, fraction_digits=_choose_digits(number))
        return self.count(number) if _get_size(number) < 1000 or _is_not_shortened(short) else short

    def share(self, rate: Number | None, *, digits: int = 0) -> str:
        """Format a rate of 0 to 1 as a percentage. digits: the number of decimals."""
        from babel.numbers import format_percent

        if not _has_value(rate):
            return NOTHING
        pattern = "#,##0" + ("." + "0" * digits if digits else "") + self._percent
        return format_percent(round(float(rate), digits + 2) + 0, format=pattern, locale=self.locale)

    def chance(self, probability: Number | None) -> str:
        """Format a probability of 0 to 1 as a percentage that never claims certainty: "over 99%", "under 1%"."""
        if _has_value(probability) and 0.99 < float(probability) < 1:
            return f"over {self.share(0.99)}"
        if _has_value(probability) and 0 < float(probability) < 0.01:
            return f"under {self.share(0.01)}"
        return self.share(probability)

    def day(self, day: dt.date | None) -> str:
        """Format a day, such as 9 Dec 2011."""
        from babel.dates import format_date

        return NOTHING if day is None else format_date(day, format="medium", locale=self.locale)

    def month(self, day: dt.date | None) -> str:
        """Format the month of a day, such as Dec 2011."""
        from babel.dates import format_skeleton

        return NOTHING if day is None else format_skeleton("yMMM", day, locale=self.locale)

    def moment(self, moment: dt.datetime | None) -> str:
        """Format a day with its time, to the minute."""
        from babel.dates import format_time

        if moment is None:
            return NOTHING
        return f"{self.day(moment.date())}, {format_time(moment.time(), format='short', locale=self.locale)}"

    def weekday(self, number: int | None) -> str:
        """Format a day of the week by its number, 1 for Monday."""
        from babel.dates import get_day_names

        return NOTHING if number is None else str(get_day_names("wide", locale=self.locale)[number - 1])

    def hour(self, hour: int | None) -> str:
        """Format an hour of the day, such as 14:00."""
        from babel.dates import format_time

        return NOTHING if hour is None else format_time(dt.time(hour), format="short", locale=self.locale)

    @property
    def _pattern_without_decimals(self) -> str:
        """Return the locale's pattern of money, without decimals."""
        from babel import Locale

        return str(Locale.parse(self.locale).currency_formats["standard"].pattern).replace(".00", "")

    @property
    def _percent(self) -> str:
        """Return the locale's suffix of percentages."""
        from babel import Locale

        pattern = str(Locale.parse(self.locale).percent_formats[None].pattern)
        return pattern[pattern.rindex("0") + 1 :]


def _choose_digits(number: Number) -> int:
    """Return the number of decimals with which a short number has two or three digits."""
    return 1 if 1000 <= _get_size(number) < 10_000 or _get_size(number) >= 1_000_000 else 0


def _is_not_shortened(text: str) -> bool:
    """Return whether the locale has no short form of thousands; such texts lack separators, too."""
    return re.search(r"\d{4}", text) is not None


def _get_size(number: Number) -> float:
    return abs(float(number))


def _has_value(number: Number | None) -> TypeGuard[Number]:
    return number is not None and not math.isnan(number)
