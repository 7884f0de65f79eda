"""Customer ids that do not name a person: one that many strangers share, or a new one for each order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patron.contract.personal_data import MASK
from patron.engines.sql_text import quote_name
from patron.lake.technical_columns import TECHNICAL_COLUMNS
from patron.project.mapping.expressions import column_key

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse
    from patron.lake import Lake
    from patron.project.project import Project

_SHARED_RATE, _SHARED_ORDERS, _SHARED_CUSTOMERS = 0.2, 50, 20
"""One of at least so many customers, with more than this share of all orders, and at least so many."""
_OWN_RATE, _OWN_ORDERS = 0.995, 200
"""From this share of ids to orders on, among at least so many orders, no customer seems to come back."""
_CODE = re.compile(r"([a-z][a-z0-9_]*:)?[A-Za-z]{0,3}[-_]?[0-9]{1,8}")
"""An id that says nothing of a person: not an address, a name or a telephone number."""
_PERSON = re.compile(r"customer|client|buyer|user|person|member|shopper|consumer|account|contact|mail")
_ID = re.compile(r"id$|unique|mail|key$|number$|no$|code$|card")


@dataclass(frozen=True)
class SharedId:
    """One customer with an absurd share of the orders."""

    customer_id: str
    orders: int
    all_orders: int

    def describe(self) -> str:
        """Say how large the share is, and how to tell patron that the id stands for guests."""
        return (
            f"one customer id ({mask_id(self.customer_id)}) has {self.orders:,} of {self.all_orders:,} orders "
            f"({self.orders / self.all_orders:.0%}): if it stands for guests, add it to `customers: {{more_guests: "
            '[...]}`; `patron query "select customer_id, order_count from customer_360 order by order_count desc '
            'limit 1"` shows it'
        )


@dataclass(frozen=True)
class OwnIds:
    """A source in which each order has a customer id of its own. better: a column that may name the person."""

    source: str
    ids: int
    orders: int
    better: str | None

    def describe(self) -> str:
        """Say that nobody is seen to come back, and which column to map instead."""
        hint = f", such as {self.better}" if self.better else ""
        return (
            f"each order has a customer id of its own ({self.ids:,} ids for {self.orders:,} orders), so that nobody is "
            f"seen to come back; if customers do, map the column that names the person as customer_id{hint}"
        )


def mask_id(customer_id: str) -> str:
    """Return an id that is a plain code as it is, and of any other only the first letter."""
    return customer_id if _CODE.fullmatch(customer_id) else f"{customer_id[:1]}{MASK}"


def find_shared_id(warehouse: Warehouse) -> SharedId | None:
    """Find the customer who has an absurd share of all orders, if there is one. Raises EngineError."""
    rows = warehouse.query(_ORDERS_OF_CUSTOMERS).to_pylist()
    if not rows or rows[0]["customer_id"] is None:
        return None
    largest = SharedId(rows[0]["customer_id"], rows[0]["order_count"], int(rows[0]["all_orders"]))
    is_absurd = largest.orders >= _SHARED_ORDERS and largest.orders > _SHARED_RATE * largest.all_orders
    return largest if is_absurd and rows[0]["customer_count"] >= _SHARED_CUSTOMERS else None


def find_own_ids(project: Project, lake: Lake, warehouse: Warehouse) -> Iterator[OwnIds]:
    """Find the sources in which nearly every order has a customer id of its own. Raises EngineError."""
    for row in warehouse.query(_IDS_OF_SOURCES).to_pylist():
        if row["order_count"] >= _OWN_ORDERS and row["id_count"] >= _OWN_RATE * row["order_count"]:
            better = _find_better_column(project, lake, warehouse)
            yield OwnIds(row["source_name"], row["id_count"], row["order_count"], better)


def _find_better_column(project: Project, lake: Lake, warehouse: Warehouse) -> str | None:
    """Find the column named like a person's id, not yet mapped as one, whose values repeat the least."""
    found = []
    for source in project.settings.sources:
        used = {
            column_key(name)
            for mapping in project.mappings[source].entities.values()
            for column in [mapping.columns.get("customer_id")]
            if column is not None
            for name in column.columns
        }
        for field in lake.table(source).schema():
            key = column_key(field.name)
            if field.name in TECHNICAL_COLUMNS or key in used or not (_PERSON.search(key) and _ID.search(key)):
                continue
            name = quote_name(field.name, warehouse.dialect)
            sql = f"select count({name}) as n, count(distinct {name}) as ids from bronze.{source}"
            counted = warehouse.query(sql).to_pylist()[0]
            if _OWN_ORDERS / 2 <= counted["ids"] < _OWN_RATE * counted["n"]:
                about = f"{field.name} of {source} ({counted['ids']:,} values in {counted['n']:,} rows)"
                found.append((counted["ids"] / counted["n"], about))
    return max(found)[1] if found else None


_ORDERS_OF_CUSTOMERS = """
select
    customer_id,
    order_count,
    sum(order_count) over () as all_orders,
    count(customer_id) over () as customer_count
from (
    select customer_id, count(*) as order_count
    from measures.order_measures
    where is_counted
    group by customer_id
) as counted
order by case when customer_id is null then 1 else 0 end, order_count desc, customer_id
limit 1
"""
_IDS_OF_SOURCES = """
select source_name, count(*) as order_count, count(distinct customer_id) as id_count
from measures.order_measures
where is_counted and customer_id is not null
group by source_name
order by source_name
"""
