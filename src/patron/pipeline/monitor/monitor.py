"""Monitors of volume and drift, as findings of `patron check` and for whatever runs patron on a schedule."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from patron.lake import list_landed_files
from patron.pipeline.check.context import CheckContext
from patron.pipeline.check.finding import Finding
from patron.pipeline.monitor.drift import DriftLimits, judge_drift
from patron.pipeline.monitor.read_days import DatedEntity, count_days, list_dated, read_columns
from patron.pipeline.monitor.volume import VolumeLimits, judge_volume

if TYPE_CHECKING:
    from patron.project.settings.monitor import Monitor


def check_volume(context: CheckContext) -> Iterator[Finding]:
    """Compare the rows of each source's last days with what its own history leads to expect."""
    settings, last = context.project.settings.monitor, _read_last_day(context)
    if settings.status == "off" or last is None:
        return
    limits = VolumeLimits(settings.volume_change, settings.volume_deviations)
    for dated in list_dated(context):
        for source, counts in sorted(count_days(context, dated, _find_start(settings, last)).items()):
            complete = _find_complete_day(context, source)
            odd = [
                judge_volume(
                    counts, day, settings.history_days, limits, is_over=complete is not None and day <= complete
                )
                for day in _list_judged(settings, last)
            ]
            said = [one.describe() for one in odd if one is not None]
            yield _make_finding("volume", f"{source} as {dated.entity.name}", settings.status, said, settings.days)


def check_drift(context: CheckContext) -> Iterator[Finding]:
    """Compare what the columns of each source hold on its last days with what they held before."""
    settings, last = context.project.settings.monitor, _read_last_day(context)
    if settings.status == "off" or last is None:
        return
    for dated in list_dated(context):
        for source in sorted(count_days(context, dated, _find_start(settings, last))):
            yield _judge_source(context, dated, source, last)


def _judge_source(context: CheckContext, dated: DatedEntity, source: str, last: dt.date) -> Finding:
    settings = context.project.settings.monitor
    limits = DriftLimits(settings.drift, settings.null_rise, settings.category_share)
    said = [
        f"{column.column} on {drift.describe()}"
        for column in read_columns(context, dated, source, _find_start(settings, last))
        for day in _list_judged(settings, last)
        for drift in judge_drift(column.days, day, settings.history_days, limits, is_category=column.is_category)
    ]
    return _make_finding("drift", f"{source} as {dated.entity.name}", settings.status, said, settings.days)


def _make_finding(
    section: str, name: str, status: Literal["warn", "fail", "off"], said: list[str], days: int
) -> Finding:
    if said and status != "off":
        return Finding(section, name, status, "; ".join(said))
    what = "rows are as expected" if section == "volume" else "values are as before"
    return Finding(section, name, "pass", f"the last {days} days' {what}, as far as the history tells")


def _list_judged(settings: Monitor, last: dt.date) -> list[dt.date]:
    return [last - dt.timedelta(days=back) for back in reversed(range(settings.days))]


def _find_start(settings: Monitor, last: dt.date) -> dt.date:
    return last - dt.timedelta(days=settings.days + settings.history_days)


def _read_last_day(context: CheckContext) -> dt.date | None:
    rows = context.query("select as_of_date from measures.as_of")
    found: dt.date | None = rows[0]["as_of_date"] if rows else None
    return found


def _find_complete_day(context: CheckContext, source: str) -> dt.date | None:
    """The last day of which all rows should be there: the one before the source's last landing, in the shop's time."""
    landed = list_landed_files(context.lake.table(source))
    arrived = max((file.landed_at for file in landed), default=None)
    if arrived is None:
        return None
    zone = zoneinfo.ZoneInfo(context.project.settings.shop.timezone)
    return arrived.astimezone(zone).date() - dt.timedelta(days=1)
