"""How old the sources may be, for `dbt source freshness`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from patron.project.settings.sources import FreshnessLimits, Source

_UNSET = {"warn_after": {"count": 1, "period": "day"}}
"""A source whose settings state no limit: dbt skips a source without one, and so would not say how old it is."""


def add_freshness(content: Mapping[str, Any], sources: Mapping[str, Source]) -> dict[str, Any]:
    """Add to the content of sources.yml when each table of bronze last grew, and how old it may be."""
    return {**content, "sources": [_describe(one, sources) for one in content["sources"]]}


def _describe(group: Mapping[str, Any], sources: Mapping[str, Source]) -> dict[str, Any]:
    if group["name"] != "bronze":
        return dict(group)
    tables = [{**table, "config": _limit(sources[table["name"]].freshness.arrival)} for table in group["tables"]]
    return {**group, "tables": tables}


def _limit(limits: FreshnessLimits) -> dict[str, Any]:
    stated = {"warn_after": limits.warn_after_days, "error_after": limits.fail_after_days}
    freshness = {name: _as_period(days) for name, days in stated.items() if days}
    return {"loaded_at_field": "_ingested_at", "freshness": freshness or _UNSET}


def _as_period(days: float) -> dict[str, Any]:
    """dbt counts whole periods."""
    whole = {"count": round(days), "period": "day"}
    return whole if days == round(days) else {"count": max(1, round(days * 24 * 60)), "period": "minute"}
