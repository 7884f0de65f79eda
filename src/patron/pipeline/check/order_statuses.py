"""Which order statuses count as spend, and the amounts of the others."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from patron.errors import pluralize
from patron.project.project import Project

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse


@dataclass(frozen=True)
class OrderStatus:
    """One status as the sources write it.

    lines: its order lines. amount: their sum, in the shop's currency. counts: whether it counts as spend.
    """

    status: str
    lines: int
    amount: Decimal
    counts: bool


NO_STATUS = "no status"


def list_order_statuses(project: Project, warehouse: Warehouse) -> list[OrderStatus]:
    """List every status in silver by name; an empty list if no source maps a status."""
    if "status" not in project.mapped_columns().get("order_lines", []):
        return []
    sql = (
        f"select coalesce(status, '{NO_STATUS}') as status, line_kind = 'not_completed' as is_left_out, "
        "count(*) as line_count, sum(line_amount) as amount from silver.order_lines "
        f"group by coalesce(status, '{NO_STATUS}'), line_kind = 'not_completed' order by 1, 2"
    )
    rows = warehouse.query(sql).to_pylist()
    return [OrderStatus(r["status"], r["line_count"], r["amount"], not r["is_left_out"]) for r in rows]


def warn_if_none_counts(found: list[OrderStatus]) -> str:
    """Warn if no status counts as spend, most likely because the setting spells them otherwise; empty if one does."""
    named = [one for one in found if one.status != NO_STATUS]
    if not named or any(one.counts for one in named):
        return ""
    listed = ", ".join(f"{one.status} ({pluralize(one.lines, 'line')})" for one in named[:5])
    what = f"no order has a status that counts as spend; the data has {listed}"
    return f"{what}: list those that count in orders.spend_statuses"
