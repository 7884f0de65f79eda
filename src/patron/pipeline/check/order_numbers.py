"""Order numbers that start again, at another till or on another day, so that different orders look like one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from patron.errors import CheckFailedError
from patron.project.project import Project

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse

SURE_RATE = 0.2
"""The share of orders with several lines from which on shared numbers are surely no exception."""

LEAST_SHARED = 5
"""Fewer such orders stop no run."""

FAR_DAYS = 90
"""Lines of one order may be delivered in parts; so far apart they are hardly of one purchase."""


@dataclass(frozen=True)
class SharedNumbers:
    """Orders of one source under one number whose lines name several customers, or lie far apart.

    orders: those with several lines. shared: those that name several customers. days: how many of these also lie on
    several days. far: those with lines on days far apart. customers: all that the shared ones name.
    """

    source: str
    orders: int
    shared: int
    days: int
    far: int
    customers: int

    @property
    def rate(self) -> float:
        return max(self.shared, self.far) / self.orders if self.orders else 0.0

    @property
    def is_sure(self) -> bool:
        """Whether so many numbers stand for several orders that it is no exception."""
        return self.rate >= SURE_RATE and max(self.shared, self.far) >= LEAST_SHARED

    def describe(self) -> str:
        """Say how many, and what it looks like."""
        on_days = f", {self.days:,} of them on several days" if self.days else ""
        shared = f"name several customers{on_days} ({self.customers:,} in all, each of whom has the order)"
        far = f"have lines more than {FAR_DAYS} days apart"
        found = [
            text
            for text, count in ((f"{self.shared:,} {shared}", self.shared), (f"{self.far:,} {far}", self.far))
            if count
        ]
        return (
            f"of {self.orders:,} orders with several lines {' and '.join(found)}: their numbers may start again at "
            "another till, on another day or in another year"
        )


def find_shared_numbers(warehouse: Warehouse) -> list[SharedNumbers]:
    """Find the sources with orders of several customers or days far apart."""
    return _find_shared(warehouse, _ORDERS)


def _find_shared(warehouse: Warehouse, orders: str) -> list[SharedNumbers]:
    rows = warehouse.query(_SHARED.format(orders=orders, far=FAR_DAYS)).to_pylist()
    found = [SharedNumbers(*row.values()) for row in rows]
    return [numbers for numbers in found if numbers.shared or numbers.far]


def refuse_shared_numbers(project: Project, warehouse: Warehouse, since_batch: int) -> None:
    """Stop where many numbers of landings after since_batch stand for several orders.

    Raises CheckFailedError, which names the mapping.
    """
    for numbers in _find_shared(warehouse, _NEW_ORDERS.format(since=since_batch)):
        if numbers.is_sure:
            mapping = project.mappings_of("order_lines").get(numbers.source)
            raise CheckFailedError(
                f"{numbers.source}: {numbers.describe()}. Nothing was published.",
                where=mapping.columns["order_id"].where if mapping else project.where("sources", numbers.source),
                do="set `numbers_restart: day` (or month, or year) beside the entity's columns; build order_id from "
                "all that tells orders apart, such as Store || '-' || Date || '-' || Number; or, if an order may "
                "belong to several customers, map the one who pays",
            )


_SHARED = """
select
    source_name,
    count(*) as order_count,
    count(case when customer_count > 1 then 1 end) as shared_count,
    count(case when customer_count > 1 and last_date > first_date then 1 end) as days_count,
    count(case when last_date > first_date + interval {far} day then 1 end) as far_count,
    cast(coalesce(sum(case when customer_count > 1 then customer_count end), 0) as bigint) as customer_count
from ({orders}) as orders
group by source_name
order by source_name
"""

_NEW_ORDERS = """
select
    source_name,
    count(distinct customer_id) as customer_count,
    min(order_date) as first_date,
    max(order_date) as last_date
from silver.order_lines
where _batch_id > {since} and line_kind = 'sale'
group by source_name, id_namespace, order_id
having count(*) > 1
"""

_ORDERS = """
with split_orders as (select distinct id_namespace, order_id from measures.order_measures where not is_counted)
select
    orders.source_name,
    case when orders.customer_id is null then 0 else 1 end as customer_count,
    orders.order_date as first_date,
    orders.last_sale_date as last_date
from measures.order_measures as orders
left join split_orders
    on orders.id_namespace = split_orders.id_namespace
    and orders.order_id = split_orders.order_id
where orders.sale_line_count > 1 and split_orders.order_id is null
union all
select
    min(orders.source_name) as source_name,
    count(distinct orders.customer_id) as customer_count,
    min(orders.order_date) as first_date,
    max(orders.last_sale_date) as last_date
from measures.order_measures as orders
inner join split_orders
    on orders.id_namespace = split_orders.id_namespace
    and orders.order_id = split_orders.order_id
group by orders.id_namespace, orders.order_id
"""
"""An order has a row for each customer that it names, so that only the few that name several are grouped."""
