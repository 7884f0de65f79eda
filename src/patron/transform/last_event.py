"""When the last event of a source happened, as silver holds it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from patron.contract.entities import load_entities
from patron.project.project import Project

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse


def find_last_event(project: Project, warehouse: Warehouse, source: str) -> dt.datetime | None:
    """Find the latest event of any entity that the source fills, in the shop's timezone; None if it has no dates."""
    found: list[Any] = []
    for name, entity in load_entities().items():
        if entity.event_time and source in project.mappings_of(name):
            sql = f"select max({entity.event_time}) as at from silver.{name} where source_name = '{source}'"
            found += [row["at"] for row in warehouse.query(sql).to_pylist()]
    return max(filter(None, found), default=None)
