"""Time stamps by which the newest of several exports is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.errors import CheckFailedError, pluralize
from patron.project.project import Project

if TYPE_CHECKING:
    from collections.abc import Mapping

    from patron.engines.engine import Warehouse
    from patron.transform.render.type_casts import SourceShape


def refuse_unreadable_stamps(project: Project, warehouse: Warehouse, shapes: Mapping[str, SourceShape]) -> None:
    """Stop where rows of a full extract have a time stamp that cannot be read, so that the newest is not known.

    Raises CheckFailedError.
    """
    from patron.transform.render.lookup_columns import render_stamp
    from patron.transform.render.write_sql import write

    for source, mapping in project.mappings.items():
        if mapping.extract_stamp is None:
            continue
        value = write(render_stamp(mapping.extract_stamp, shapes[source]), warehouse.dialect)
        sql = f"select count(*) as row_count, min(_source_file) as file from bronze.{source} where {value} is null"
        found = warehouse.query(sql).to_pylist()[0]
        if found["row_count"]:
            raise CheckFailedError(
                f"{pluralize(found['row_count'], 'row')} of {source} without a time stamp that can be read, such as in "
                f"{found['file']}: which extract is the newest is not known. Nothing was published.",
                where=mapping.extract_stamp.where,
                do="correct the expression or its format",
            )


def refuse_uneven_stamps(project: Project, warehouse: Warehouse) -> None:
    """Stop where lines of one order in one file have several time stamps, while the newest file is to hold it whole.

    A file of documents may hold several versions of an order, each with its own. Raises CheckFailedError.
    """
    for source in project.order_values.whole_orders:
        if project.mappings_of("order_lines")[source].explode:
            continue
        found = warehouse.query(_UNEVEN.format(source=source)).to_pylist()[0]
        if found["order_count"]:
            raise CheckFailedError(
                f"{pluralize(found['order_count'], 'order')} of {source} with several updated_at in one file, such as "
                f"{found['example']}: which lines are newer is not known. Nothing was published.",
                where=project.mappings_of("order_lines")[source].columns["updated_at"].where,
                do="map a time stamp of the order, or of the export, that all lines of an order in a file share",
            )


_UNEVEN = """
select count(*) as order_count, min(order_id) as example
from (
    select order_id
    from staging.stg_order_lines
    where source_name = '{source}' and quarantine_reason is null
    group by id_namespace, order_id, _source_file, _batch_id
    having count(distinct updated_at) > 1 or (count(updated_at) > 0 and count(updated_at) < count(*))
) as uneven
"""
