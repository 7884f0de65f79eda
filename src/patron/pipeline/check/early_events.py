"""Events dated before the shop's life: placeholders such as 1970-01-01, and slips of the pen."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patron.contract.entities import load_entities
from patron.project.project import Project

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse

_PLACEHOLDERS = frozenset(
    dt.date.fromisoformat(day)
    for day in ("1899-12-30", "1899-12-31", "1900-01-01", "1901-01-01", "1969-12-31", "1970-01-01", "1980-01-01")
)
"""Day zero of spreadsheets, databases and operating systems, and its eve, where a time zone moves it."""

_YEAR = dt.timedelta(days=366)
_LONG_GAP = 5 * _YEAR
"""Nobody sold anything for so long: what lies before is not this shop's early history."""
_FEW_ROWS = 20
"""At most one row in so many, or a single one, may lie before the gap."""
_ENOUGH_ROWS = 10


@dataclass(frozen=True)
class EarlyEvents:
    """Rows of one source that are dated before the shop's life. next_date: the first day that is credible."""

    entity: str
    source: str
    rows: int
    first_date: dt.date
    next_date: dt.date

    def describe(self) -> str:
        """Say which rows, how far away, and what can be done."""
        rows = "1 row is" if self.rows == 1 else f"{self.rows:,} rows are"
        return (
            f"{rows} dated long before all others in {self.entity} of {self.source}, the first on {self.first_date}; "
            f"the others begin on {self.next_date}. `quarantine: {{events_before: {self.next_date}}}` sets such rows "
            "aside"
        )


def find_early_events(project: Project, warehouse: Warehouse) -> list[EarlyEvents]:
    """Find the events in silver that are dated before the shop's life, by entity and source. Raises EngineError."""
    found = list[EarlyEvents]()
    for name in project.mapped_columns():
        column = load_entities()[name].event_time
        if column is not None:
            rows = warehouse.query(_DAYS.format(entity=name, column=column)).to_pylist()
            for source in dict.fromkeys(row["source_name"] for row in rows):
                days = {row["event_date"]: row["row_count"] for row in rows if row["source_name"] == source}
                found += find_early(name, source, days)
    return found


def find_early(entity: str, source: str, days: Mapping[dt.date, int]) -> Iterator[EarlyEvents]:
    """Find the events of one source before the latest gap that leaves few rows before it; one finding at most.

    days: in order -> rows.
    """
    listed = list(days)
    total, before, found = sum(days.values()), 0, None
    for place, (day, following) in enumerate(itertools.pairwise(listed)):
        before += days[day]
        gap = following - day
        are_placeholders = gap > _YEAR and _PLACEHOLDERS.issuperset(listed[: place + 1])
        are_few = total >= _ENOUGH_ROWS and before <= max(1, total // _FEW_ROWS)
        if are_placeholders or (are_few and gap > _LONG_GAP):
            found = EarlyEvents(entity, source, before, listed[0], following)
    if found is not None:
        yield found


_DAYS = """
select source_name, cast({column} as date) as event_date, count(*) as row_count
from silver.{entity}
where {column} is not null
group by source_name, cast({column} as date)
order by source_name, event_date
"""
