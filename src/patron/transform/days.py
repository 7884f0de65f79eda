"""Builds chosen days of the day-grained tables again; the rows of all other days stay as they are."""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

from patron.errors import SettingsError

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse
    from patron.transform.node import Node

_RANGE = re.compile(r"(\d{4}-\d\d-\d\d)(?:\.\.(\d{4}-\d\d-\d\d))?")


@dataclass(frozen=True)
class Days:
    """The days from `first` to `last`, both included."""

    first: dt.date
    last: dt.date

    @classmethod
    def parse(cls, text: str) -> Days:
        """Read 2024-01-01..2024-01-07, or one day. Raises SettingsError."""
        do = "write FROM..TO, such as 2024-01-01..2024-01-07, or one day"
        read = _RANGE.fullmatch(text.strip())
        try:
            days = [dt.date.fromisoformat(day) for day in read.groups() if day] if read else []
        except ValueError:
            days = []
        if not days:
            raise SettingsError(f"{text!r} names no days.", where="--days", do=do)
        if days[-1] < days[0]:
            raise SettingsError(f"{days[-1]} is before {days[0]}.", where="--days", do=do)
        return cls(days[0], days[-1])

    def __str__(self) -> str:
        return f"{self.first}..{self.last}" if self.last > self.first else str(self.first)

    def list_days(self) -> list[dt.date]:
        """List the days."""
        return [self.first + dt.timedelta(days=number) for number in range((self.last - self.first).days + 1)]

    def clip(self, first: dt.date, last: dt.date) -> Days | None:
        """Return those between two other days; None if there are none."""
        start, end = max(first, self.first), min(last, self.last)
        return Days(start, end) if start <= end else None


def sort_day_grained(nodes: Collection[Node]) -> list[Node]:
    """Sort the day-grained models, each after those that it reads."""
    found: Mapping[str, Node] = {node.name: node for node in nodes if node.day}
    order = TopologicalSorter({name: sorted(found.keys() & set(node.parents)) for name, node in found.items()})
    return [found[name] for name in order.static_order()]


def rebuild_days(warehouse: Warehouse, node: Node, days: Days) -> float:
    """Build these days of a day-grained model again, in one step; return the seconds that it took.

    Whatever its rows are computed from, such as the days before, is read as it is now. Raises EngineError.
    """
    started = time.monotonic()
    reads_groups = node.refreshed_by == (node.day,) and bool(node.incremental)
    if reads_groups:
        sql = node.incremental
    else:
        wanted = f"{node.day} between {_date(days.first)} and {_date(days.last)}"
        sql = f"select * from ({node.code}) as every_day where {wanted}"
    chosen = " union all ".join(f"select {_date(day)} as {node.day}" for day in days.list_days())
    with warehouse.create_temporary(f"affected_{node.name}", chosen) as groups:
        warehouse.replace_groups(f"{node.schema}.{node.name}", sql, [node.day], groups)
    return time.monotonic() - started


def _date(day: dt.date) -> str:
    return f"cast('{day.isoformat()}' as date)"
