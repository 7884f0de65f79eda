"""Recognises how the times of a column are written, and whether the day or the month comes first."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from patron.ingest.profile.numbers import ENOUGH

_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_FULL_MONTHS = "january|february|march|april|june|july|august|september|october|november|december"
_CLOCK = (
    r"(?:(?P<gap>,? |T)(?P<hour>\d{1,2}):(?P<minute>\d{2})"
    r"(?::(?P<second>\d{2})(?P<fraction>\.\d+)?)?(?P<half> ?[APap][Mm])?(?P<zone> ?(?:Z|UTC|[+-]\d{2}:?(?:\d{2})?))?)?"
)
_SHAPES = (
    re.compile(r"(?P<year>\d{4})(?P<sign>[-/.])(?P<month>\d{1,2})(?P=sign)(?P<day>\d{1,2})" + _CLOCK),
    re.compile(r"(?P<first>\d{1,2})(?P<sign>[-/.])(?P<second_part>\d{1,2})(?P=sign)(?P<year>\d{4}|\d{2})" + _CLOCK),
    re.compile(
        rf"(?P<day>\d{{1,2}})(?P<sign>[- ])(?P<name>{_FULL_MONTHS}|{_MONTHS})(?P=sign)(?P<year>\d{{4}}|\d{{2}})"
        + _CLOCK,
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?P<name>{_FULL_MONTHS}|{_MONTHS})(?P<sign> )(?P<day>\d{{1,2}})(?P<comma>,?) (?P<year>\d{{4}})" + _CLOCK,
        re.IGNORECASE,
    ),
    re.compile(r"(?P<compact>(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))"),
)
_CLOCK_ALONE = re.compile(r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[AaPp][Mm])?")
DAY_FIRST, MONTH_FIRST = "day first", "month first"


@dataclass(frozen=True)
class TimeReading:
    """How a column's times are written.

    formats: strptime formats, the commonest first; none for ISO times, which need none. is_ambiguous: whether the day
    or the month may come first; `formats` are then day first. days: the day of each distinct text, as a number, NaN
    where it has none. has_clock: whether some have a time of day.
    """

    formats: tuple[str, ...]
    days: NDArray[np.float64]
    is_ambiguous: bool = False
    has_clock: bool = False

    def month_first(self) -> tuple[str, ...]:
        """Return the formats read month first."""
        return tuple(re.sub(r"%d(.)%m\1", r"%m\1%d\1", fmt) for fmt in self.formats)


def is_clock(texts: Sequence[str]) -> bool:
    """Return whether a column holds times of day without a date."""
    return bool(texts) and sum(bool(_CLOCK_ALONE.fullmatch(text)) for text in texts) >= ENOUGH * len(texts)


def read_times(texts: Sequence[str], counts: NDArray[np.int64]) -> TimeReading | None:
    """Recognise the formats of distinct texts, each with its count; None where they are not times."""
    matches = [next((found for shape in _SHAPES if (found := shape.fullmatch(text))), None) for text in texts]
    fitting = np.array([match is not None for match in matches], dtype=bool)
    if not texts or counts[fitting].sum() < ENOUGH * counts.sum():
        return None
    order = _find_order(match for match in matches if match is not None)
    if order is None:
        return None
    is_month_first = order == MONTH_FIRST
    formats: Counter[str] = Counter()
    days, valid = np.full(len(texts), np.nan), 0
    for position, match in enumerate(matches):
        day = None if match is None else _find_day(match, is_month_first)
        if match is not None and day is not None:
            days[position] = day
            valid += int(counts[position])
            formats[_write_format(match, is_month_first)] += int(counts[position])
    if valid < ENOUGH * counts.sum():
        return None
    has_clock = any(match is not None and match.groupdict().get("hour") for match in matches)
    needed = tuple(fmt for fmt, _ in sorted(formats.items(), key=lambda pair: (-pair[1], pair[0])))
    listed = () if set(needed) <= {""} else tuple(fmt or _ISO_FORMAT for fmt in needed)
    return TimeReading(listed, days, order == "either", has_clock)


_ISO_FORMAT = "%Y-%m-%d"


def _find_order(matches: object) -> str | None:
    """Return which part comes first: `day first`, `month first`, `either`; None where the values contradict."""
    largest: dict[str, int] = defaultdict(int)
    signs = set()
    for match in matches:  # type: ignore[attr-defined]
        parts = match.groupdict()
        if parts.get("first"):
            signs.add(parts["sign"])
            largest["first"] = max(largest["first"], int(parts["first"]))
            largest["second"] = max(largest["second"], int(parts["second_part"]))
    if largest["first"] > 12 and largest["second"] > 12:
        return None
    if largest["second"] > 12:
        return MONTH_FIRST
    if largest["first"] > 12 or not signs or signs == {"."}:  # with dots, only the order of the continent is in use
        return DAY_FIRST
    return "either"


def _find_day(match: re.Match[str], is_month_first: bool) -> float | None:
    parts = match.groupdict()
    if compact := parts.get("compact"):
        year, month, day = int(compact[:4]), int(compact[4:6]), int(compact[6:])
    elif parts.get("first"):
        pair = int(parts["first"]), int(parts["second_part"])
        month, day = pair if is_month_first else pair[::-1]
        year = int(parts["year"])
    else:
        month = int(parts["month"]) if parts.get("month") else _MONTHS.split("|").index(parts["name"][:3].lower()) + 1
        year, day = int(parts["year"]), int(parts["day"])
    if year < 100:
        year += 2000 if year < 69 else 1900
    try:
        return float(dt.date(year, month, day).toordinal())
    except ValueError:
        return None


def _write_format(match: re.Match[str], is_month_first: bool) -> str:
    """Write the strptime format of a match; blank for an ISO time without a blank before its offset."""
    parts = match.groupdict()
    if parts.get("compact"):
        return "%Y%m%d"
    sign, zone = parts["sign"], parts.get("zone") or ""
    year = "%Y" if len(parts["year"]) == 4 else "%y"
    if parts.get("first"):
        day = f"%m{sign}%d{sign}{year}" if is_month_first else f"%d{sign}%m{sign}{year}"
    elif name := parts.get("name"):
        month = "%B" if len(name) > 3 else "%b"
        day = f"{month} %d{parts['comma']} {year}" if "comma" in parts else f"%d{sign}{month}{sign}{year}"
    elif sign == "-" and not parts.get("half") and not zone.startswith(" "):
        return ""
    else:
        day = f"%Y{sign}%m{sign}%d"
    return day + _write_clock(parts)


def _write_clock(parts: dict[str, str | None]) -> str:
    if not parts.get("hour"):
        return ""
    half = parts.get("half") or ""
    clock = f"{parts['gap']}{'%I' if half else '%H'}:%M" + (":%S" if parts.get("second") else "")
    clock += ".%f" if parts.get("fraction") else ""
    clock += (" %p" if half.startswith(" ") else "%p") if half else ""
    zone = parts.get("zone") or ""
    return clock + ((" %z" if zone.startswith(" ") else "%z") if zone else "")
