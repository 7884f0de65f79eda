"""Chooses the formats of a column from how many of its values each format fits, or says why that is not possible."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from patron.project.mapping.time_words import ISO
from patron.transform.time_formats.shapes import Reading

_FEW = 0.01
"""A smaller share of the values does not decide, and does not stop a run: they go to quarantine, where they show."""


@dataclass(frozen=True)
class Fits:
    """Values of which the same formats may be meant.

    counts: which of the readings a value fits -> distinct values; a value that fits none is not a time.
    """

    readings: tuple[Reading, ...]
    counts: Counter[frozenset[int]]

    @property
    def recognized(self) -> int:
        """Count the values that fit a reading."""
        return sum(count for fitting, count in self.counts.items() if fitting)


@dataclass(frozen=True)
class Doubt:
    """Formats of a column that may be meant. order: that of the date. date_format: of the dates in doubt."""

    order: str
    formats: tuple[str, ...]
    date_format: str


@dataclass(frozen=True)
class Choice:
    """The formats of a column, in the order in which they are tried; empty: ISO or a native type.

    doubtful: instead, those that a person has to choose from. is_mixed: whether some values fit only one of these and
    others only another.
    """

    formats: tuple[str, ...] = ()
    doubtful: tuple[Doubt, ...] = ()
    is_mixed: bool = False


@dataclass
class _Family:
    """The dates of a column that are written alike. orders: in the sequence of the readings."""

    orders: list[str]
    counts: Counter[frozenset[int]] = field(default_factory=Counter)
    formats: dict[str, list[str]] = field(default_factory=dict)

    def add(self, fits: Fits) -> None:
        self.counts.update({fitting: count for fitting, count in fits.counts.items() if fitting})
        for order, reading in zip(self.orders, fits.readings, strict=True):
            self.formats.setdefault(order, []).append(reading.format)

    @property
    def recognized(self) -> int:
        return sum(self.counts.values())

    def find_orders(self) -> list[str]:
        """Find the orders that fit every date."""
        return [order for place, order in enumerate(self.orders) if all(place in fitting for fitting in self.counts)]

    def find_likely_orders(self) -> list[str]:
        """Find the orders that fit any date."""
        return [order for place, order in enumerate(self.orders) if any(place in fitting for fitting in self.counts)]


def choose_formats(found: Sequence[Fits]) -> Choice | None:
    """Choose the formats that read every value that is a time, each in one way; None if no value is one."""
    total = sum(fits.recognized for fits in found)
    if not total:
        return None
    chosen = _choose_plain([fits for fits in found if fits.readings[0].order is None and fits.recognized])
    doubtful: list[_Family] = []
    for family in _group_families(found):
        orders = family.find_orders()
        if len(orders) == 1:
            chosen += family.formats[orders[0]]
        elif family.recognized >= _FEW * total or not chosen:
            doubtful.append(family)
    if doubtful:
        return _ask(doubtful[0], chosen)
    return Choice(_sort_formats(chosen))


def _group_families(found: Iterable[Fits]) -> list[_Family]:
    families: dict[str, _Family] = {}
    for fits in found:
        if fits.readings[0].order is not None and fits.recognized:
            orders = [str(reading.order) for reading in fits.readings]
            families.setdefault(fits.readings[0].family, _Family(orders)).add(fits)
    return sorted(families.values(), key=lambda family: -family.recognized)


def _choose_plain(found: Iterable[Fits]) -> list[str]:
    """The formats of values that can be read in one way; of two that read a value alike, such as `May`, any."""
    sure = [fits.readings[0].format for fits in found if len(fits.readings) == 1]
    open_ones = [[reading.format for reading in fits.readings] for fits in found if len(fits.readings) > 1]
    for formats in open_ones:
        if not any(fmt in sure for fmt in formats):
            sure += formats
    return sure


def _ask(family: _Family, chosen: list[str]) -> Choice:
    orders = family.find_orders()
    likely = orders or family.find_likely_orders()
    return Choice(
        doubtful=tuple(
            Doubt(order, _sort_formats([*chosen, *family.formats[order]]), family.formats[order][0][:_DATE_LENGTH])
            for order in likely
        ),
        is_mixed=not orders,
    )


def _sort_formats(formats: Iterable[str]) -> tuple[str, ...]:
    """In an order in which none takes a value that another is meant for: %Y takes the 14 of 1/2/14 for a year."""
    listed = sorted(dict.fromkeys(formats), key=lambda fmt: ("%y" not in fmt, fmt == ISO))
    return () if listed == [ISO] else tuple(listed)


_DATE_LENGTH = len("%d/%m/%Y")


def show_example(doubtful: Sequence[Doubt]) -> tuple[str, list[str]]:
    """Show an invented date, such as 03/04/2005, and in words what each reading makes of it."""
    example = dt.date(2005, 4, 3).strftime(doubtful[0].date_format)
    days = [dt.datetime.strptime(example, doubt.date_format) for doubt in doubtful]
    return example, [f"{day.day} {day:%B %Y}" for day in days]
