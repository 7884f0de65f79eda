"""Days after today on which something is said to have happened to a customer, an account, a delivery or a contact.

None of them moves the shop's day. But what is dated so counts nowhere, and a version of the future is never replaced.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patron.contract.entities import load_entities
from patron.pipeline.check.future_events import find_today
from patron.project.project import Project

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse

_HAPPENED = {
    "customers": ("signed_up_at", "birth_date"),
    "loyalty_accounts": ("joined_date",),
    "deliveries": ("picked_up_at", "delivered_at"),
    "service_interactions": ("resolved_at",),
}
"""Not the days that a shop plans: those of promotions, and of stores and staff that begin."""

_OTHER_TIMEZONES = dt.timedelta(days=1)


@dataclass(frozen=True)
class FutureDates:
    """Rows of one source that have a date after today in one column. last_date: the latest."""

    entity: str
    source: str
    column: str
    rows: int
    last_date: dt.date

    def describe(self) -> str:
        """Say which rows, how far away, and what comes of it."""
        rows = "1 row has" if self.rows == 1 else f"{self.rows:,} rows have"
        told = f"{rows} {self.column} after today in {self.entity} of {self.source}, the last on {self.last_date}"
        return f"{told}: no later version of the same row replaces it" if self.column == "updated_at" else told


def find_future_dates(project: Project, warehouse: Warehouse, today: dt.date | None = None) -> Iterator[FutureDates]:
    """Find dates after today, by entity and source. today: in the shop's timezone, if unset."""
    today = today or find_today(project)
    for entity, mapped in project.mapped_columns().items():
        for column in _HAPPENED.get(entity, ()):
            if column in mapped:
                yield from _find(warehouse, entity, column, f"silver.{entity}", today)
        if "updated_at" in mapped and _replaces(project, entity):
            yield from _find(warehouse, entity, "updated_at", f"staging.latest_{entity}", today + _OTHER_TIMEZONES)


def _replaces(project: Project, entity: str) -> bool:
    """Whether a version of a row replaces those before it."""
    is_thing = load_entities()[entity].kind == "thing"
    return is_thing or any(mapping.key for mapping in project.mappings_of(entity).values())


def _find(warehouse: Warehouse, entity: str, column: str, table: str, last: dt.date) -> Iterator[FutureDates]:
    sql = _FUTURE.format(table=table, column=column, last=last.isoformat())
    for row in warehouse.query(sql).to_pylist():
        yield FutureDates(entity, row["source_name"], column, row["row_count"], row["last_date"])


_FUTURE = """
select source_name, count(*) as row_count, max(cast({column} as date)) as last_date
from {table}
where cast({column} as date) > cast('{last}' as date)
group by source_name
order by source_name
"""
