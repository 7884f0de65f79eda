"""Which states of orders count as spend, and what the others come to."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from patron.project.project import Project
from patron.transform.render.variables import mapped_columns

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse


@dataclass(frozen=True)
class OrderStatus:
    """One state, as sources write it: its lines, their amount in the shop's currency, whether it counts as spend."""

    status: str
    lines: int
    amount: Decimal
    counts: bool


NO_STATUS = "no status"


def order_statuses(project: Project, warehouse: Warehouse) -> list[OrderStatus]:
    """Every state in silver, by name; none where no source maps one."""
    if "status" not in mapped_columns(project).get("order_lines", []):
        return []
    sql = (
        f"select coalesce(status, '{NO_STATUS}') as status, line_kind = 'not_completed' as is_left_out, "
        "count(*) as line_count, sum(line_amount) as amount from silver.order_lines "
        f"group by coalesce(status, '{NO_STATUS}'), line_kind = 'not_completed' order by 1, 2"
    )
    rows = warehouse.query(sql).to_pylist()
    return [OrderStatus(r["status"], r["line_count"], r["amount"], not r["is_left_out"]) for r in rows]


def doubt(found: list[OrderStatus]) -> str:
    """A warning where no state that some order has counts, so that most likely the setting knows other words."""
    named = [one for one in found if one.status != NO_STATUS]
    if not named or any(one.counts for one in named):
        return ""
    listed = ", ".join(f"{one.status} ({one.lines:,} lines)" for one in named[:5])
    what = f"no order has a status that counts as spend; the data have {listed}"
    return f"{what}: name those that do in orders.spend_statuses"
