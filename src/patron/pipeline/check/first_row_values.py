"""Values that an export writes on the first row of each order only, and that other lines of the order lack."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from patron.errors import CheckFailedError
from patron.project.project import Project

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse

_COLUMNS = ("status", "customer_id")
"""What a blank changes: a line without a status counts as spend, one without a customer is a guest's."""

_SURE_RATE = 0.2
"""The share of orders with several lines from which on blanks are how the export is written, not single omissions."""


def refuse_first_row_values(project: Project, warehouse: Warehouse, batch_ids: Collection[int]) -> None:
    """Stop where many orders have a value on some of their lines and a blank on the others.

    batch_ids: the landings to look at; all, if there are none. Raises CheckFailedError, which names the column.
    """
    landed = f" and _batch_id in ({', '.join(map(str, sorted(batch_ids)))})" if batch_ids else ""
    for source, mapping in project.mappings_of("order_lines").items():
        for name in _COLUMNS:
            if name not in mapping.columns or name in mapping.fill_down:
                continue
            found = warehouse.query(_MIXED.format(name=name, source=source, landed=landed)).to_pylist()[0]
            if found["mixed_count"] and found["mixed_count"] >= _SURE_RATE * found["order_count"]:
                raise CheckFailedError(
                    f"{found['mixed_count']:,} of {found['order_count']:,} orders with several lines have a {name} on "
                    "some of their lines and a blank on the others. Nothing was published.",
                    where=mapping.columns[name].where,
                    do=f"if the export writes it on the first row of an order only, add `fill_down: [{name}]` beside "
                    "`columns`; if a blank means something else, map it to a value of its own, such as "
                    f"coalesce(..., 'none')",
                )


_MIXED = """
select
    count(*) as order_count,
    count(case when value_count > 0 and value_count < line_count then 1 end) as mixed_count
from (
    select count(*) as line_count, count({name}) as value_count
    from silver.order_lines
    where source_name = '{source}'{landed}
    group by id_namespace, order_id
    having count(*) > 1
) as orders
"""
