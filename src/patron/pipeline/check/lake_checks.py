"""Checks of the lake and of the warehouse's files: whether they hold every row, and how fresh each source is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from patron.errors import PatronError
from patron.lake import Lake, explain_recovery, list_landed_files
from patron.pipeline.check.context import CheckContext
from patron.pipeline.check.finding import Finding
from patron.project.settings.sources import FreshnessLimits
from patron.transform.last_event import find_last_event


def check_files(context: CheckContext) -> Iterator[Finding]:
    """Compare what each source's landings recorded with the rows that the lake holds, and look for damaged tables."""
    for source in context.project.settings.sources:
        yield find_damaged_files(context.lake, source) or _compare_rows(context, source)
    if damaged := context.warehouse.find_damaged_tables():
        detail = (
            f"files of {len(damaged):,} tables were damaged or are gone: {', '.join(damaged[:5])}; run `patron run "
        )
        yield Finding("files", "warehouse", "fail", f"{detail}--full-refresh`: it is rebuilt from the lake")


def find_damaged_files(lake: Lake, source: str) -> Finding | None:
    """A finding where files of the lake are missing or corrupt, else None."""
    table, rejected = lake.table(source), lake.rejected(source)
    try:
        missing = [path.name for path in table.files() if not path.exists()]
    except PatronError as error:  # of a lake in a bucket
        return Finding.of_error("files", source, error)
    if missing:
        detail = f"{len(missing):,} files of the lake are missing, such as {missing[0]}; {explain_recovery(table.path)}"
        return Finding("files", source, "fail", detail)
    try:
        table.check_files()
        if rejected.exists:
            rejected.check_files()
    except PatronError as error:
        return Finding.of_error("files", source, error)
    return None


def _compare_rows(context: CheckContext, source: str) -> Finding:
    landed = list_landed_files(context.lake.table(source))
    recorded = sum(file.rows_since(0) for file in landed)
    unreadable = sum(file.rejected_rows for file in landed)
    rejected = context.lake.rejected(source)
    kept = rejected.row_count() if rejected.exists else 0
    held = context.query_number(f"select count(*) as n from bronze.{source}")
    unit = context.project.settings.sources[source].kind.unit
    files = f"{len(landed):,} {unit}: {recorded:,} rows"
    if held != recorded:
        return Finding("files", source, "fail", f"{files}, but bronze holds {held:,}")
    if kept < unreadable:
        detail = f"{files}, and {unreadable:,} unreadable rows, of which only {kept:,} are kept"
        return Finding("files", source, "fail", detail)
    if unreadable:
        return Finding("files", source, "warn", f"{files}, and {unreadable:,} unreadable rows set aside")
    return Finding("files", source, "pass", f"{files}, all in bronze")


def check_freshness(context: CheckContext) -> Iterator[Finding]:
    """Compare the age of each source's last landing and last event with the limits of patron.yaml."""
    for source, settings in context.project.settings.sources.items():
        landed = list_landed_files(context.lake.table(source))  # a row that was read again arrived when its file did
        arrived = max((file.landed_at for file in landed), default=None)
        yield check_age(context.now, f"{source} by arrival", arrived, settings.freshness.arrival)
        at = find_last_event(context.project, context.warehouse, source)
        happened = at.replace(tzinfo=dt.UTC) if at else None
        if happened is not None or settings.freshness.event.fail_after_days:
            yield check_age(context.now, f"{source} by event", happened, settings.freshness.event)


def check_age(now: dt.datetime, name: str, at: dt.datetime | None, limits: FreshnessLimits) -> Finding:
    """Compare the age of what happened at a moment with limits."""
    if at is None:
        return Finding("freshness", name, "fail", "never")
    days = (now - at).total_seconds() / 86400
    detail = f"{at:%Y-%m-%d %H:%M}, {days:,.1f} days ago"
    if days < -1:
        why = "the clock was set back" if name.endswith("by arrival") else "as_of latest follows it"
        return Finding("freshness", name, "warn", f"{at:%Y-%m-%d %H:%M} is in the future; {why}")
    if limits.fail_after_days and days > limits.fail_after_days:
        return Finding("freshness", name, "fail", f"{detail}; the limit is {limits.fail_after_days:g} days")
    if limits.warn_after_days and days > limits.warn_after_days:
        return Finding("freshness", name, "warn", f"{detail}; expected within {limits.warn_after_days:g} days")
    return Finding("freshness", name, "pass", detail)
