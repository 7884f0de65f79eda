"""What gold depends on, as one hash, and which tables it has."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import zoneinfo
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from patron.lake import Lake
    from patron.project.project import Project


def hash_gold_inputs(project: Project, lake: Lake, rendered: str, as_of: str) -> str:
    """Hash everything that gold depends on: the rendered project (with its rules), the day to measure at, what
    the lake holds, and how it is predicted from.
    """
    held = {name: lake.table(name).content_id() for name in project.settings.sources}
    predictions = project.settings.predictions.model_dump(mode="json")
    return hashlib.sha256(json.dumps([rendered, as_of, held, predictions]).encode()).hexdigest()


def list_gold_tables(project: Project) -> list[str]:
    """List the names of the gold models in the rendered project."""
    return sorted(path.stem for path in (project.dbt / "models" / "gold").rglob("*.sql"))


def resolve_as_of(project: Project) -> str:
    """Resolve the day to measure at: latest, or an ISO date. The clock is read here, once, and never by a model."""
    as_of = project.settings.as_of
    if as_of == "today":
        return dt.datetime.now(zoneinfo.ZoneInfo(project.settings.shop.timezone)).date().isoformat()
    return str(as_of)
