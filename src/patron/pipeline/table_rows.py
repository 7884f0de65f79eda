"""How many rows the tables of the warehouse hold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from patron.project.project import Project


def count_rows(project: Project, tables: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Count the rows of these tables, each a schema and a name, in one query. Raises EngineError."""
    from patron.engines import open_warehouse

    wanted = sorted(tables)
    warehouse = open_warehouse(project)
    try:
        with warehouse.hold_open():
            there = [one for one in wanted if warehouse.exists(*one)]
            counts = [
                f"select '{schema}' as table_schema, '{name}' as table_name, count(*) as n from {schema}.{name}"
                for schema, name in there
            ]
            rows = warehouse.query(" union all ".join(counts)).to_pylist() if counts else []
    finally:
        warehouse.close()
    return {(row["table_schema"], row["table_name"]): int(row["n"]) for row in rows}
