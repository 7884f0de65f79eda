"""Receipts dated long after all others: slips of the pen that would move the day that the whole shop is measured at."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patron.errors import CheckFailedError
from patron.project.project import Project

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse

_LONG_GAP, _DOUBTFUL_GAP = dt.timedelta(days=180), dt.timedelta(days=60)
_LONGEST_GAPS = 10
"""A gap is odd if it is so many times as long as any before it: a shop of the summer closes every winter."""
_FEW_ROWS = 1000
"""One row in so many, or a single one, may lie behind the gap."""
_ENOUGH_ROWS = 10
_FEW_EARLY = 20


@dataclass(frozen=True)
class LateEvents:
    """Receipts behind a gap. last_date: the day of the last. before_date: the last day that is credible."""

    rows: int
    last_date: dt.date
    before_date: dt.date

    @property
    def is_sure(self) -> bool:
        """Whether the gap is so long that the shop must not be measured behind it."""
        return self.last_date - self.before_date > _LONG_GAP

    def describe(self) -> str:
        """Say how many rows, and how far away."""
        rows = "1 order line is" if self.rows == 1 else f"{self.rows:,} order lines are"
        return f"{rows} dated long after all others, the last on {self.last_date}; the others end on {self.before_date}"


def refuse_late_as_of(project: Project, warehouse: Warehouse) -> None:
    """Stop where the shop would be measured as of the day of a stray receipt. Raises CheckFailedError."""
    late = find_late_events(project, warehouse)
    if late is not None and late.is_sure:
        raise CheckFailedError(
            f"{late.describe()}. On that day everybody else would have been gone for long. Nothing was published.",
            where=project.where("as_of"),
            do=f"correct the date; or set `as_of: {late.before_date}`, which leaves such rows out, or "
            f"`as_of: {late.last_date}` if the date is right",
        )


def find_late_events(project: Project, warehouse: Warehouse) -> LateEvents | None:
    """Find the receipts that move `as_of: latest` alone. Raises EngineError."""
    if project.settings.as_of != "latest":
        return None
    rows = warehouse.query(_DAYS).to_pylist()
    return find_late({row["order_date"]: row["row_count"] for row in rows})


def find_late(days: Mapping[dt.date, int]) -> LateEvents | None:
    """Find the few rows behind a gap that is far longer than any before it. days: in order -> rows."""
    listed, total = list(days), sum(days.values())
    longest, behind, found = dt.timedelta(days=1), total, None
    for day, following in itertools.pairwise(listed):
        behind -= days[day]
        gap = following - day
        if gap > max(_DOUBTFUL_GAP, _LONGEST_GAPS * longest) and behind <= max(1, total // _FEW_ROWS):
            found = found or LateEvents(behind, listed[-1], day)
        if (total - behind) * _FEW_EARLY > total:  # the gap behind a stray early date says nothing of the shop
            longest = max(longest, gap)
    return found if total >= _ENOUGH_ROWS else None


_DAYS = """
select order_date, count(*) as row_count
from silver.order_lines
where line_kind not in ('invalid', 'not_completed', 'test')
group by order_date
order by order_date
"""
