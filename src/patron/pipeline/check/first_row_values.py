"""Values that an export writes on the first row of each order only, and that other lines of the order lack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.errors import CheckFailedError
from patron.project.project import Project

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse

_COLUMNS = ("status", "customer_id", "currency")
"""What a blank changes: a line without a status counts as spend, one without a customer is a guest's, and one without a
currency is in the shop's."""

_SURE_RATE = 0.5
"""The share of orders with several lines from which on blanks are how the export is written, not single omissions."""


def refuse_first_row_values(project: Project, warehouse: Warehouse, since_batch: int) -> None:
    """Stop where most orders of several lines have a value on their first line and a blank on all others.

    since_batch: only lines of later landings are looked at. Raises CheckFailedError, which names the column.
    """
    for source, mapping in project.mappings_of("order_lines").items():
        for name in _COLUMNS:
            is_the_shops = name == "currency" and not project.order_values.has_rates  # where others stop the run
            if name not in mapping.columns or name in mapping.fill_down or is_the_shops:
                continue
            found = warehouse.query(_FIRST_ONLY.format(name=name, source=source, since_batch=since_batch)).to_pylist()[
                0
            ]
            if found["first_only_count"] and found["first_only_count"] >= _SURE_RATE * found["order_count"]:
                count = f"{found['first_only_count']:,} of {found['order_count']:,}"
                raise CheckFailedError(
                    f"{count} orders with several lines have a {name} on the first of their lines and a blank on all "
                    "others. Nothing was published.",
                    where=mapping.columns[name].where,
                    do=f"if the export writes it on the first row of an order only, add `fill_down: [{name}]` beside "
                    "`columns`; if a blank means something else, map it to a value of its own, such as "
                    f"coalesce(..., 'none')",
                )


_FIRST_ONLY = """
select
    count(*) as order_count,
    count(case when value_count = 1 and first_row_with_value = first_row then 1 end) as first_only_count
from (
    select
        count({name}) as value_count,
        min(_row_key) as first_row,
        min(case when {name} is not null then _row_key end) as first_row_with_value
    from staging.stg_order_lines as staged
    where
        source_name = '{source}'
        and _batch_id > {since_batch}
        and quarantine_reason is null
        and _row_key in (
            select _row_key from silver.order_lines where source_name = '{source}' and _batch_id > {since_batch}
        )
    group by id_namespace, order_id
    having count(*) > 1
) as orders
"""
