"""Orders that have a head (who placed them, and when) and no lines, so no amount."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from patron.errors import pluralize
from patron.project.project import Project

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse


@dataclass(frozen=True)
class OrderHeads:
    """How many orders a source of order heads has, and how many of them have no line in any source."""

    source: str
    orders: int
    without_lines: int

    def describe(self) -> str:
        """Say in one sentence what that means for the measures."""
        if not self.without_lines:
            return "the only order has lines" if self.orders == 1 else f"all {self.orders:,} orders have lines"
        have, count = ("has", "counts") if self.without_lines == 1 else ("have", "count")
        return f"{self.without_lines:,} of {pluralize(self.orders, 'order')} {have} no lines and {count} in no measure"


def count_orders_without_lines(project: Project, warehouse: Warehouse) -> list[OrderHeads]:
    """Count the orders of each source whose orders do not become lines themselves, by the name of the source."""
    heads = sorted(project.mappings_of("orders").keys() - project.orders_as_lines().keys())
    if not heads:
        return []
    listed = ", ".join(f"'{source}'" for source in heads)
    sql = (
        "select heads.source_name, count(*) as order_count, "
        "count(case when lines.order_id is null then 1 end) as without_lines from "
        f"(select distinct source_name, id_namespace, order_id from silver.orders where source_name in ({listed})) "
        "as heads left join (select distinct id_namespace, order_id from silver.order_lines) as lines "
        "on heads.id_namespace = lines.id_namespace and heads.order_id = lines.order_id "
        "group by heads.source_name order by heads.source_name"
    )
    rows = warehouse.query(sql).to_pylist()
    return [OrderHeads(row["source_name"], row["order_count"], row["without_lines"]) for row in rows]
