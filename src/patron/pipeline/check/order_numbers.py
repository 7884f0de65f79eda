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


def find_shared_numbers(warehouse: Warehouse, since_batch: int = 0) -> list[SharedNumbers]:
    """Find the sources with orders of several customers or days far apart, in landings after since_batch."""
    rows = warehouse.query(_SHARED.format(since=since_batch, far=FAR_DAYS)).to_pylist()
    found = [SharedNumbers(*row.values()) for row in rows]
    return [numbers for numbers in found if numbers.shared or numbers.far]


def refuse_shared_numbers(project: Project, warehouse: Warehouse, since_batch: int) -> None:
    """Stop where many numbers stand for several orders. Raises CheckFailedError, which names the mapping."""
    for numbers in find_shared_numbers(warehouse, since_batch):
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
    count(case when customer_count > 1 and day_count > 1 then 1 end) as days_count,
    count(case when is_far then 1 end) as far_count,
    cast(coalesce(sum(case when customer_count > 1 then customer_count end), 0) as bigint) as customer_count
from (
    select
        source_name,
        count(distinct customer_id) as customer_count,
        count(distinct order_date) as day_count,
        max(order_date) > min(order_date) + interval {far} day as is_far
    from silver.order_lines
    where _batch_id > {since} and line_kind = 'sale'
    group by source_name, id_namespace, order_id
    having count(*) > 1
) as orders
group by source_name
order by source_name
"""
