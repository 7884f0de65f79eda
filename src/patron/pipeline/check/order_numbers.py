"""Order numbers that start again, at another till or on another day, so that different orders look like one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from patron.errors import CheckFailedError
from patron.project.project import Project

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse

_DOUBTFUL_RATE = 0.01
_SURE_RATE = 0.2
"""The shares of orders with several lines from which on shared numbers are doubtful, and surely no exception."""

_LEAST_SHARED = 5
"""Fewer shared orders stop no run."""


@dataclass(frozen=True)
class SharedNumbers:
    """Orders of one source under one number whose lines name several customers.

    orders: those whose lines name a customer at all, and are several. days: how many of the shared ones also lie on
    several days.
    """

    source: str
    orders: int
    shared: int
    days: int

    @property
    def rate(self) -> float:
        return self.shared / self.orders if self.orders else 0.0

    def describe(self) -> str:
        """Say how many, and what it looks like."""
        on_days = f", {self.days:,} of them on several days" if self.days else ""
        return (
            f"{self.shared:,} of {self.orders:,} orders with several lines name several customers{on_days}: their "
            "numbers may start again at another till or on another day"
        )


def find_shared_numbers(project: Project, warehouse: Warehouse, since_batch: int = 0) -> list[SharedNumbers]:
    """Find the sources with orders of several customers, among lines of landings after since_batch."""
    if "customer_id" not in project.mapped_columns().get("order_lines", []):
        return []
    found = [SharedNumbers(*row.values()) for row in warehouse.query(_SHARED.format(since=since_batch)).to_pylist()]
    return [numbers for numbers in found if numbers.rate >= _DOUBTFUL_RATE]


def refuse_shared_numbers(project: Project, warehouse: Warehouse, since_batch: int) -> None:
    """Stop where many orders name several customers. Raises CheckFailedError, which names the mapping."""
    for numbers in find_shared_numbers(project, warehouse, since_batch):
        if numbers.rate >= _SURE_RATE and numbers.shared >= _LEAST_SHARED:
            mapping = project.mappings_of("order_lines").get(numbers.source)
            raise CheckFailedError(
                f"{numbers.source}: {numbers.describe()}. Nothing was published.",
                where=mapping.columns["order_id"].where if mapping else project.where("sources", numbers.source),
                do="build order_id from all that tells orders apart, such as Store || '-' || Date || '-' || Number; "
                "or, if an order may belong to several customers, map the one who pays",
            )


_SHARED = """
select
    source_name,
    count(*) as order_count,
    count(case when customer_count > 1 then 1 end) as shared_count,
    count(case when customer_count > 1 and day_count > 1 then 1 end) as days_count
from (
    select source_name, count(distinct customer_id) as customer_count, count(distinct order_date) as day_count
    from silver.order_lines
    where _batch_id > {since} and line_kind = 'sale' and customer_id is not null
    group by source_name, id_namespace, order_id
    having count(*) > 1
) as orders
group by source_name
order by source_name
"""
