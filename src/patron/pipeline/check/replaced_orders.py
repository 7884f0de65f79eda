"""Order numbers that are used again where only one row of a number counts: the earlier order vanishes.

Lines and heads with a key replace each other. Heads without one do not, but lines take their customer from one of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from patron.errors import CheckFailedError
from patron.pipeline.check.order_numbers import FAR_DAYS, LEAST_SHARED, SURE_RATE
from patron.project.project import Project

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse


@dataclass(frozen=True)
class ReplacedOrders:
    """Rows of one source that stand for one order, or one line of it, and hardly are the same.

    rows: how many different ones there are. moved: those that name several customers on several days. far: those with
    days far apart.
    """

    source: str
    entity: str
    rows: int
    moved: int
    far: int

    @property
    def is_sure(self) -> bool:
        """Whether so many numbers stand for several orders that it is no correction."""
        most = max(self.moved, self.far)
        return most >= LEAST_SHARED and most >= SURE_RATE * self.rows

    def describe(self) -> str:
        """Say how many, what it looks like, and what came of it."""
        kind = "lines of orders" if self.entity == "order_lines" else "orders"
        parts = (
            (self.moved, "name another customer on another day"),
            (self.far, f"lie more than {FAR_DAYS} days apart"),
        )
        found = " and ".join(f"{count:,} {text}" for count, text in parts if count)
        return (
            f"of {self.rows:,} {kind} some came again, and {found}: only one row of each counts, but their numbers may "
            "start again at another till, on another day or in another year"
        )


def find_replaced_orders(project: Project, warehouse: Warehouse, since_batch: int = 0) -> Iterator[ReplacedOrders]:
    """Find the sources in which another order came under a number, where a landing after since_batch brought one."""
    for entity in ("orders", "order_lines"):
        by_source = project.mappings_of(entity)
        for source in sorted(by_source):
            mapping = by_source[source]
            if mapping.is_keyed or entity == "orders":  # of unkeyed lines all count: see order_numbers
                key, rows = ("_entity_key", _REPLACED) if mapping.key else ("id_namespace, order_id", _ROWS)
                yield from _find(warehouse, source, entity, {"key": key, "rows": rows, "since": since_batch})


def _find(warehouse: Warehouse, source: str, entity: str, names: dict[str, Any]) -> Iterator[ReplacedOrders]:
    names |= {"source": source, "entity": entity, "far": FAR_DAYS}
    names["rows"] = names["rows"].format(**names)
    (again,) = warehouse.query(_AGAIN.format(**names)).to_pylist()
    if again["moved_count"] or again["far_count"]:
        (rows,) = warehouse.query(_ALL.format(**names)).to_pylist()
        yield ReplacedOrders(source, entity, rows["row_count"], again["moved_count"], again["far_count"])


def refuse_replaced_orders(project: Project, warehouse: Warehouse, since_batch: int) -> None:
    """Stop where many orders took the place of others. Raises CheckFailedError, which names the mapping."""
    for found in find_replaced_orders(project, warehouse, since_batch):
        if found.is_sure:
            raise CheckFailedError(
                f"{found.source}: {found.describe()}. Nothing was published.",
                where=project.mappings_of(found.entity)[found.source].columns["order_id"].where,
                do="set `numbers_restart: year` (or month, or day) beside the entity's columns; or build order_id from "
                "all that tells orders apart, such as Store || '-' || Number",
            )


_ALL = """
select count(*) as row_count
from (select distinct {key} from staging.stg_{entity} where source_name = '{source}') as numbers
"""

_ROWS = "staging.stg_{entity} as arrived"

_REPLACED = (
    "staging.stg_{entity} as arrived inner join (select source_name as latest_source, _entity_key as latest_key "
    "from staging.latest_{entity} where _row_count > 1 and _affected_batch_id > {since}) as latest "
    "on arrived.source_name = latest.latest_source and arrived._entity_key = latest.latest_key"
)
"""Few rows replace others, and the table of the latest ones knows which."""

_AGAIN = """
select
    count(case when first_customer <> last_customer and first_date <> last_date then 1 end) as moved_count,
    count(case when last_date > first_date + interval {far} day then 1 end) as far_count
from (
    select
        min(customer_id) as first_customer,
        max(customer_id) as last_customer,
        min(cast(ordered_at as date)) as first_date,
        max(cast(ordered_at as date)) as last_date
    from {rows}
    where arrived.source_name = '{source}' and quarantine_reason is null and not _is_deleted
    group by {key}
    having count(*) > 1 and max(_batch_id) > {since}
) as numbers
"""
