"""Orders that gave back more than they took."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from patron.errors import pluralize

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse


@dataclass(frozen=True)
class ExcessiveRefunds:
    """Orders of one source with sales, whose refunds exceed them. amount: by how much. examples: some order ids."""

    source: str
    orders: int
    amount: Decimal
    examples: tuple[str, ...]

    def describe(self) -> str:
        """Say which orders, and by how much."""
        return (
            f"{pluralize(self.orders, 'order')} gave back more than {'it' if self.orders == 1 else 'they'} took, "
            f"{self.amount:,.2f} in all: "
            f"{', '.join(self.examples)}{', ...' if self.orders > len(self.examples) else ''}"
        )


def find_excessive_refunds(warehouse: Warehouse) -> list[ExcessiveRefunds]:
    """Find the orders with sales and refunds under one number whose refunds are larger, by source."""
    rows = warehouse.query(_EXCESSIVE).to_pylist()
    found = []
    for source in dict.fromkeys(row["source_name"] for row in rows):
        own = [row for row in rows if row["source_name"] == source]
        examples = tuple(row["order_id"] for row in own[:5])
        found.append(ExcessiveRefunds(source, len(own), sum((row["excess"] for row in own), Decimal(0)), examples))
    return found


_EXCESSIVE = """
select source_name, order_id, 0 - sum(line_amount) as excess
from silver.order_lines
where line_kind in ('sale', 'discount', 'return')
group by source_name, id_namespace, order_id
having
    count(case when line_kind = 'sale' then 1 end) > 0
    and count(case when line_kind = 'return' then 1 end) > 0
    and sum(line_amount) <= -0.01
order by source_name, excess desc, order_id
"""
