"""Amounts of lines as the source states them, against quantity x price."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from patron.project.project import Project

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse


@dataclass(frozen=True)
class StatedAmounts:
    """The lines of one source that state an amount. off_amount: stated less counted, of those that differ."""

    source: str
    stated: int
    different: int
    off_amount: Decimal

    def describe(self) -> str:
        """Say how many differ, by how much in all, and what counts."""
        detail = f"{self.different:,} of {self.stated:,} stated amounts differ from quantity x price"
        return detail + (f" (by {self.off_amount:+,} in total); quantity x price counts" if self.different else "")


def compare_stated_amounts(project: Project, warehouse: Warehouse) -> list[StatedAmounts]:
    """Compare the stated amounts of lines with what counts, by source. Both are kept; quantity x price counts."""
    if "stated_amount" not in project.mapped_columns().get("order_lines", []):
        return []
    rows = warehouse.query(_STATED).to_pylist()
    return [StatedAmounts(*row.values()) for row in rows if row["stated"]]


_STATED = """
select
    source_name,
    count(stated_amount) as stated,
    count(case when is_amount_mismatch then 1 end) as different,
    sum(case when is_amount_mismatch then stated_amount - line_amount else 0 end) as off_amount
from silver.order_lines
group by source_name
order by source_name
"""
