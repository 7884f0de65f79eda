"""The totals that order heads state, against the sums of their lines; and orders whose money would count twice."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from patron.errors import CheckFailedError, pluralize
from patron.project.project import Project

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse

_DOUBTFUL_RATE = Decimal("0.01")
"""The share of orders, or of money, from which on differences are more than rounding and single mistakes."""

_SAME_RATE = 0.5
"""The share of orders that two sources have in common, from which on they are taken to be the same orders."""


@dataclass(frozen=True)
class OrderTotals:
    """The orders of one source that state a total and have lines; amounts in the shop's currency.

    different: orders whose total differs from the sum of their lines by a hundredth or more.
    """

    source: str
    orders: int
    different: int
    stated_amount: Decimal
    line_amount: Decimal

    @property
    def is_doubtful(self) -> bool:
        """Whether more than single orders differ."""
        off = abs(self.stated_amount - self.line_amount)
        return self.different > _DOUBTFUL_RATE * self.orders or off > _DOUBTFUL_RATE * abs(self.stated_amount)

    def describe(self) -> str:
        """Say in one sentence how totals and lines compare, and which of them count."""
        if not self.different:
            orders = pluralize(self.orders, "order")
            return f"the totals of {orders} equal the sums of their lines ({self.line_amount:,.2f})"
        state = "states" if self.different == 1 else "state"
        return (
            f"{self.different:,} of {pluralize(self.orders, 'order')} {state} a total that differs from the sum of "
            f"the lines (totals {self.stated_amount:,.2f}, lines {self.line_amount:,.2f}); the lines count"
        )


def compare_order_totals(project: Project, warehouse: Warehouse) -> list[OrderTotals]:
    """Compare each stated total that is not a line itself with the order's lines, by the name of the source."""
    sources = [
        source
        for source, mapping in project.mappings_of("orders").items()
        if "order_amount" in mapping.columns and source not in project.orders_as_lines()
    ]
    if not sources:
        return []
    tax = "tax_amount" if project.settings.orders.tax in ("added", "deducted") else "0"
    listed = ", ".join(f"'{source}'" for source in sorted(sources))
    rows = warehouse.query(_TOTALS.format(sources=listed, tax=tax)).to_pylist()
    return [OrderTotals(*row.values()) for row in rows]


def refuse_double_counting(project: Project, warehouse: Warehouse) -> None:
    """Stop where the orders of one source are also the lines of another: their money would count twice.

    Two sources have an order in common if it has the same number, the same day, and the same customer or amount.
    Raises CheckFailedError, which names both mappings. Nothing is asked where a mapping says that its order ids are its
    own (`namespace: {order_id: source}`).
    """
    for head, mapping in project.orders_as_lines().items():
        for lines, other in project.mappings_of("order_lines").items():
            if "source" in (mapping.namespace.get("order_id"), other.namespace.get("order_id")):
                continue
            found = warehouse.query(_SHARED.format(head=head, lines=lines)).to_pylist()[0]
            fewest = min(found["head_count"], found["line_order_count"])
            if fewest and found["shared_count"] >= _SAME_RATE * fewest:
                raise CheckFailedError(
                    f"The same money would count twice: {found['shared_count']:,} of {found['head_count']:,} orders of "
                    f"{head} (order_amount) are also among the lines of {lines}. Nothing was published.",
                    where=f"{mapping.columns['order_amount'].where}; {other.columns['order_id'].where}",
                    do="if they are the same orders, add `namespace: {order_id: shop}` to both mappings: then the "
                    "lines count, and order_amount is a control total; if they are not, add "
                    "`namespace: {order_id: source}` to both",
                )


_TOTALS = """
with
    rates as (
        select
            id_namespace,
            order_id,
            cast(sum(line_amount) as double) / cast(nullif(sum(original_amount), 0) as double) as rate
        from silver.order_lines
        where original_amount is not null
        group by id_namespace, order_id
    ),
    heads as (
        select
            orders.source_name,
            orders.id_namespace,
            orders.order_id,
            cast(max(orders.order_amount) * coalesce(max(rates.rate), 1) as decimal(38, 4)) as stated_amount
        from silver.orders
        left join rates on orders.id_namespace = rates.id_namespace and orders.order_id = rates.order_id
        where orders.source_name in ({sources}) and orders.order_amount is not null
        group by orders.source_name, orders.id_namespace, orders.order_id
    ),
    lines as (
        select
            id_namespace,
            order_id,
            sum(case when _row_key > 0 then line_amount else 0 end) as line_amount,
            sum({tax} + shipping_amount + tip_amount) as charged_amount
        from silver.order_lines
        group by id_namespace, order_id
    )
select
    heads.source_name,
    count(*) as order_count,
    count(
        case
            when
                abs(heads.stated_amount - lines.line_amount) >= 0.01
                and abs(heads.stated_amount - lines.line_amount - lines.charged_amount) >= 0.01
            then 1
        end
    ) as different_count,
    sum(heads.stated_amount) as stated_amount,
    sum(
        case
            when abs(heads.stated_amount - lines.line_amount - lines.charged_amount) < 0.01
            then lines.line_amount + lines.charged_amount
            else lines.line_amount
        end
    ) as line_amount
from heads
inner join lines on heads.id_namespace = lines.id_namespace and heads.order_id = lines.order_id
group by heads.source_name
order by heads.source_name
"""
_SHARED = """
with
    sums as (
        select
            source_name, order_id, order_date, max(customer_id) as customer_id, sum(line_amount) as order_amount
        from silver.order_lines
        where source_name in ('{head}', '{lines}')
        group by source_name, order_id, order_date
    ),
    heads as (select * from sums where source_name = '{head}'),
    line_orders as (select * from sums where source_name = '{lines}')
select
    (select count(*) from heads) as head_count,
    (select count(*) from line_orders) as line_order_count,
    (
        select count(*)
        from heads
        inner join line_orders on heads.order_id = line_orders.order_id and heads.order_date = line_orders.order_date
        where
            heads.customer_id = line_orders.customer_id
            or abs(heads.order_amount - line_orders.order_amount) < 0.01
    ) as shared_count
"""
