"""What was paid for orders, against what they come to."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from patron.errors import pluralize
from patron.project.project import Project

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse


@dataclass(frozen=True)
class PaidOrders:
    """The orders that one source of payments paid.

    different: orders for which neither what they took, nor what they kept after refunds, was paid. unknown: orders
    without lines.
    """

    source: str
    orders: int
    different: int
    unknown: int
    paid_amount: Decimal
    order_amount: Decimal

    def describe(self) -> str:
        """Say in one sentence how payments and orders compare."""
        if not (self.different or self.unknown):
            return f"the payments of {pluralize(self.orders, 'order')} equal their totals ({self.paid_amount:,.2f})"
        unknown = (
            f"; {pluralize(self.unknown, 'paid order')} {'has' if self.unknown == 1 else 'have'} no lines"
            if self.unknown
            else ""
        )
        if self.unknown == self.orders:
            unknown += ": if another source holds them, add `namespace: {order_id: shop}` to both mappings"
        differ = "differs" if self.different == 1 else "differ"
        return (
            f"{self.different:,} of {pluralize(self.orders, 'paid order')} {differ} from their payments (paid "
            f"{self.paid_amount:,.2f}, orders {self.order_amount:,.2f}, with tax and shipping){unknown}"
        )


def compare_payments(project: Project, warehouse: Warehouse) -> list[PaidOrders]:
    """Compare the payments of each order with its lines, taxes on top of prices, shipping and tips; by source."""
    if not project.mappings_of("payments"):
        return []
    tax = "tax_amount" if project.settings.orders.tax in ("added", "deducted") else "0"
    return [PaidOrders(*row.values()) for row in warehouse.query(_PAID.format(tax=tax)).to_pylist()]


_PAID = """
with
    paid as (
        select source_name, id_namespace, order_id, sum(payment_amount) as paid_amount
        from silver.payments
        group by source_name, id_namespace, order_id
    ),
    taken as (
        select
            id_namespace,
            order_id,
            sum(case when line_kind = 'return' then 0 else line_amount end + {tax} + shipping_amount + tip_amount)
            as taken_amount,
            sum(line_amount + {tax} + shipping_amount + tip_amount) as kept_amount
        from silver.order_lines
        where line_kind not in ('not_completed', 'test')
        group by id_namespace, order_id
    )
select
    paid.source_name,
    count(*) as order_count,
    count(
        case
            when abs(paid_amount - taken_amount) >= 0.01 and abs(paid_amount - kept_amount) >= 0.01 then 1
        end
    ) as different_count,
    count(case when taken.order_id is null then 1 end) as unknown_count,
    sum(paid_amount) as paid_amount,
    coalesce(sum(taken_amount), 0) as order_amount
from paid
left join taken on paid.id_namespace = taken.id_namespace and paid.order_id = taken.order_id
group by paid.source_name
order by paid.source_name
"""
