"""The shape of a written time, its digits as 9s, and the formats that texts of this shape may be meant by."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass

from patron.project.mapping.time_words import EPOCH_MILLISECONDS, EPOCH_SECONDS, ISO

DAY_FIRST, MONTH_FIRST, YEAR_FIRST = "day first", "month first", "year first"


@dataclass(frozen=True)
class Reading:
    """A format that may be meant.

    order: which part of the date stands first, where the shape leaves it open. family: dates that are written alike
    besides their time of day, and so have one order.
    """

    format: str
    order: str | None = None
    family: str = ""


_ISO = re.compile(r"9999(?P<mark>[-/])99?(?P=mark)99?([T ]99?:99?(:99?([.]9*)?)?(Z| UTC| ?[+-]99(:?99)?)?)?")
_REST = (
    r"(?:(?P<between>,? +|T)(?P<hour>99?):99(?P<seconds>:99(?P<fraction>[.]9{1,6})?)?(?P<half> ?[AaPp][Mm])?"
    r"(?P<zone> ?[+-]99(?::?99)?| (?:UTC|GMT))?)?"
)
_WEEKDAY = r"(?:(?P<weekday>[A-Za-z]+)(?P<comma>,?) +)?"
_YEAR = r"(?P<year>9{4}|99)"
_NUMBERS = re.compile(rf"99?(?P<mark>[-/.])99?(?P=mark){_YEAR}{_REST}")
_YEAR_BEFORE = re.compile(rf"9999(?P<mark>[-/.])99?(?P=mark)99?{_REST}")
_MONTH_WITHIN = re.compile(rf"{_WEEKDAY}99?(?P<mark>[-/ ]|[.] )(?P<month>[A-Za-z]+)(?P<mark2>[-/ ]|, ?){_YEAR}{_REST}")
_MONTH_BEFORE = re.compile(rf"{_WEEKDAY}(?P<month>[A-Za-z]+)(?P<mark>[-/ ]) *99?(?P<mark2>[-/ ]|, ?){_YEAR}{_REST}")
_DIGITS = {
    "9" * 8: "%Y%m%d",
    "9" * 12: "%Y%m%d%H%M",
    "9" * 14: "%Y%m%d%H%M%S",
    "9" * 10: EPOCH_SECONDS,
    "9" * 13: EPOCH_MILLISECONDS,
}
_MONTHS = {
    "%b": [name.lower() for name in calendar.month_abbr[1:]],
    "%B": [name.lower() for name in calendar.month_name[1:]],
}
_WEEKDAYS = {
    "%a": [name.lower() for name in calendar.day_abbr],
    "%A": [name.lower() for name in calendar.day_name],
}


def list_readings(shape: str) -> tuple[Reading, ...]:
    """List the formats by which texts of a shape may be meant; none if it is not a time that patron knows.

    Readings without an order say the same of a text that fits them all, such as `May` by %b and %B.
    """
    if _ISO.fullmatch(shape):
        return (Reading(ISO),)
    digits = shape.partition(".")[0] if re.fullmatch(r"9{10}[.]9+", shape) else shape
    if digits in _DIGITS:
        return (Reading(_DIGITS[digits]),)
    return tuple(dict.fromkeys(_list_dates(shape)))


def _list_dates(shape: str) -> Iterator[Reading]:
    if found := _NUMBERS.fullmatch(shape):
        yield from _list_orders(found)
    elif found := _YEAR_BEFORE.fullmatch(shape):
        mark = found["mark"]
        yield Reading(f"%Y{mark}%m{mark}%d{_write_rest(found)}")
    elif found := _MONTH_WITHIN.fullmatch(shape):
        yield from _list_named(found, "{weekday}%d{mark}{month}{mark2}{year}{rest}")
    elif found := _MONTH_BEFORE.fullmatch(shape):
        yield from _list_named(found, "{weekday}{month}{mark}%d{mark2}{year}{rest}")


def _list_orders(found: re.Match[str]) -> Iterator[Reading]:
    mark, year = found["mark"], _write_year(found)
    orders = {DAY_FIRST: f"%d{mark}%m{mark}{year}", MONTH_FIRST: f"%m{mark}%d{mark}{year}"}
    if year == "%y":
        orders[YEAR_FIRST] = f"%y{mark}%m{mark}%d"
    for order, date in orders.items():
        yield Reading(date + _write_rest(found), order, mark + year)


def _list_named(found: re.Match[str], form: str) -> Iterator[Reading]:
    rest = {"mark": found["mark"], "mark2": found["mark2"], "year": _write_year(found), "rest": _write_rest(found)}
    weekdays = [""]
    if found["weekday"]:
        weekdays = [f"{code}{found['comma']} " for code in _find_codes(found["weekday"], _WEEKDAYS)]
    for month in _find_codes(found["month"], _MONTHS):
        for weekday in weekdays:
            yield Reading(form.format(weekday=weekday, month=month, **rest))


def _find_codes(word: str, names: dict[str, list[str]]) -> list[str]:
    return [code for code, known in names.items() if word.lower() in known]


def _write_year(found: re.Match[str]) -> str:
    return "%Y" if len(found["year"]) == len("2024") else "%y"


def _write_rest(found: re.Match[str]) -> str:
    """The format of the time of day, empty if there is none."""
    if not found["hour"]:
        return ""
    between = re.sub(" +", " ", found["between"])
    clock = ("%I:%M" if found["half"] else "%H:%M") + (":%S" if found["seconds"] else "")
    clock += ".%f" if found["fraction"] else ""
    half = re.sub("[A-Za-z]+", "%p", found["half"] or "")
    zone = re.sub("[A-Z]+", "%Z", re.sub(r"[-+].*", "%z", found["zone"] or ""))
    return f"{between}{clock}{half}{zone}"
