"""The filters of a page, kept in its URL, so that a view can be shared with a colleague."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, get_args

from patron.errors import SettingsError
from patron.serve.periods import Period, find_last_complete

if TYPE_CHECKING:
    from patron.serve.dashboard.data import Data

FilterName = Literal["period", "segment", "region", "channel"]

ALL = "all"
"""The URL value that turns a filter off on a page that would otherwise apply a default."""

NAMES: tuple[FilterName, ...] = get_args(FilterName)


@dataclass(frozen=True)
class FilterSpec:
    """The filters that a page applies. default_period: the kind of period shown if the URL sets none."""

    names: tuple[FilterName, ...] = ()
    default_period: Literal["all", "month", "quarter", "year"] = "all"


NO_FILTERS = FilterSpec()
"""For pages that always show everything."""


@dataclass(frozen=True)
class Filters:
    """The selected filters; None means everything. period: a month, quarter or year that the shop has data for."""

    period: Period | None = None
    segment: str | None = None
    region: str | None = None
    channel: str | None = None

    def days(self) -> tuple[dt.date, dt.date]:
        """Return the first and last day of the period, for `between ? and ?`; all days if no period is selected."""
        return (self.period.first, self.period.last) if self.period else (dt.date.min, dt.date.max)

    def customers(self, alias: str = "") -> tuple[str, list[str]]:
        """Return a condition on gold.customer_360 (segment, region, channel) and its parameters; `true` if none is set.

        alias: the table's alias in the query including the dot, such as `c.`.
        """
        columns = {"segment": self.segment, "region": self.region, "preferred_channel": self.channel}
        chosen = {column: value for column, value in columns.items() if value is not None}
        return " and ".join(f"{alias}{column} = ?" for column in chosen) or "true", list(chosen.values())


@dataclass(frozen=True)
class Choices:
    """The values that the shop's tables offer for each filter, in the order of its menu."""

    data: Data

    @cached_property
    def periods(self) -> list[Period]:
        """Return the years, quarters and months that the shop has data for, newest first within each kind."""
        sql = "select min(activity_date) as first, max(activity_date) as last from gold.daily_metrics"
        days = self.data.first(sql)
        if days["first"] is None:
            return []
        found = []
        for kind in ("year", "quarter", "month"):
            period = Period.of(kind, days["last"])
            while period.last >= days["first"]:
                found.append(period)
                period = period.previous()
        return found

    def default_period(self, spec: FilterSpec) -> Period | None:
        """Return the period that a page shows by default: the last complete one of its kind, otherwise the newest."""
        kind = spec.default_period
        if kind == "all":
            return None
        of_kind = [period for period in self.periods if period.kind == kind]
        complete = find_last_complete(kind, dt.date.fromisoformat(self.data.snapshot.as_of)) if of_kind else None
        return complete if complete in of_kind else next(iter(of_kind), None)

    def texts(self, name: FilterName) -> list[str]:
        """Return the values of a filter as the URL spells them."""
        if name == "period":
            return [str(period) for period in self.periods]
        return [row[0] for row in self.data.rows(_VALUES[name]).rows]


_VALUES: dict[str, str] = {
    "segment": "select segment from gold.dim_rfm_segment order by segment_order",
    "region": "select distinct region from gold.customer_360 where region is not null order by 1",
    "channel": "select distinct channel from gold.daily_metrics_by_channel where channel is not null order by 1",
}


def choose(spec: FilterSpec, choices: Choices, requested: Mapping[str, str]) -> tuple[Filters, list[str]]:
    """Parse the filters of a URL; also return a sentence for each value that is ignored because it is unknown."""
    values: dict[str, str | None] = {}
    ignored = []
    for name in spec.names:
        text = requested.get(name, "").strip()
        values[name] = None
        if text and text != ALL:
            found = _match(text, choices.texts(name))
            values[name] = found
            if found is None:
                ignored.append(f"This shop has no {name} “{text[:80]}”, so the filter is ignored.")
    period = values.pop("period", None)
    is_default = requested.get("period", "") != ALL and "period" in spec.names
    default = choices.default_period(spec) if is_default else None
    return Filters(period=_parse(period) or default, **values), ignored


def list_unapplied(spec: FilterSpec, requested: Mapping[str, str]) -> list[FilterName]:
    """List the filters that the URL sets and the page does not apply."""
    return [name for name in NAMES if name not in spec.names and requested.get(name, ALL) not in ("", ALL)]


def _match(text: str, known: list[str]) -> str | None:
    return next((value for value in known if value == text), None) or next(
        (value for value in known if value.casefold() == text.casefold()), None
    )


def _parse(text: str | None) -> Period | None:
    try:
        return None if text is None else Period.parse(text)
    except SettingsError:
        return None
