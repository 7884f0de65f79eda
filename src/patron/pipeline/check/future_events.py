"""Events dated after today, one of which would move the day that the whole shop is measured at."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patron.contract.entities import load_entities
from patron.errors import CheckFailedError
from patron.project.project import Project

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse


@dataclass(frozen=True)
class FutureEvents:
    """Rows of one source that are dated after today. last_date: the day of the latest."""

    entity: str
    source: str
    rows: int
    last_date: dt.date

    def describe(self) -> str:
        """Say which rows, and how far away."""
        rows = "1 row is" if self.rows == 1 else f"{self.rows:,} rows are"
        return f"{rows} dated after today in {self.entity} of {self.source}, the last on {self.last_date}"


def find_future_events(project: Project, warehouse: Warehouse, today: dt.date | None = None) -> list[FutureEvents]:
    """Find the events in silver that are dated after today, by entity and source.

    today: in the shop's timezone, if unset. Raises EngineError.
    """
    today = today or find_today(project)
    found = []
    for name in project.mapped_columns():
        column = load_entities()[name].event_time
        if column is not None:
            rows = warehouse.query(_FUTURE.format(entity=name, column=column, today=today.isoformat())).to_pylist()
            found += [FutureEvents(name, row["source_name"], row["row_count"], row["last_date"]) for row in rows]
    return found


def refuse_future_as_of(project: Project, warehouse: Warehouse) -> None:
    """Stop where the shop would be measured as of a day after today, because some receipt is dated then.

    Raises CheckFailedError, which names the rows.
    """
    if project.settings.as_of != "latest":
        return
    today = find_today(project)
    found = find_future_events(project, warehouse, today)
    as_of = warehouse.query("select as_of_date from measures.as_of").to_pylist()
    if found and as_of and as_of[0]["as_of_date"] > today:
        raise CheckFailedError(
            f"The shop would be measured in the future: {'; '.join(one.describe() for one in found)}. "
            "Nothing was published.",
            where=project.where("as_of"),
            do="correct the dates; or set `quarantine: {future_events: true}` to set such rows aside; or, if they are "
            "planned events, set `as_of: today`",
        )


def find_today(project: Project) -> dt.date:
    """Return the day that it is in the shop's timezone."""
    return dt.datetime.now(zoneinfo.ZoneInfo(project.settings.shop.timezone)).date()


_FUTURE = """
select source_name, count(*) as row_count, max(cast({column} as date)) as last_date
from silver.{entity}
where cast({column} as date) > cast('{today}' as date)
group by source_name
order by source_name
"""
