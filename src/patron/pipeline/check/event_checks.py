"""Checks of who and when: customer ids that name nobody, and events before the shop's life."""

from __future__ import annotations

from collections.abc import Iterator

from patron.pipeline.check.context import CheckContext
from patron.pipeline.check.customer_ids import find_own_ids, find_shared_id
from patron.pipeline.check.early_events import find_early_events
from patron.pipeline.check.finding import Finding
from patron.pipeline.check.future_dates import find_future_dates
from patron.pipeline.check.future_events import find_future_events
from patron.pipeline.check.guests import count_guests
from patron.pipeline.check.late_events import find_late_events


def check_customers(context: CheckContext) -> Iterator[Finding]:
    """Count the rows of guests, and warn about ids that do not name a person."""
    for guests in count_guests(context.project, context.lake, context.warehouse):
        yield Finding("customers", f"{guests.source} as {guests.entity}", "pass", guests.describe())
    if shared := find_shared_id(context.warehouse):
        yield Finding("customers", "customers.guests", "warn", shared.describe())
    for own in find_own_ids(context.project, context.lake, context.warehouse):
        yield Finding("customers", own.source, "warn", own.describe())


def check_dates(context: CheckContext) -> Iterator[Finding]:
    """Warn about events that are dated before the shop's life, after today, or long after all others."""
    for early in find_early_events(context.project, context.warehouse):
        yield Finding("dates", f"{early.source} as {early.entity}", "warn", early.describe())
    for future in find_future_events(context.project, context.warehouse):
        yield Finding("dates", f"{future.source} as {future.entity}", "warn", future.describe())
    for dates in find_future_dates(context.project, context.warehouse):
        yield Finding("dates", f"{dates.source} as {dates.entity}", "warn", dates.describe())
    if late := find_late_events(context.project, context.warehouse):
        yield Finding("dates", "as_of", "warn", late.describe())
