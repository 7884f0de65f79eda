"""The status of each source: what has landed, its last event, and how far gold is behind."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patron.lake import Lake, list_landed_files
from patron.project.lock import lock_or_explain
from patron.project.project import Project
from patron.publish.manifest import Manifest, read_manifest
from patron.publish.snapshot import load_current
from patron.transform.last_event import find_last_event
from patron.transform.state import BuildRecord

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse


@dataclass(frozen=True)
class SourceStatus:
    """The status of one source.

    files: how many landed; for a database table, how many landings. rejected: rows that could not be read.
    quarantined: rows with invalid values. last_event: in the shop's timezone, as in silver. lag_days: from the last
    event to now. batches_behind: batches that landed and are not in gold yet.
    """

    source: str
    files: int
    rows: int
    rejected: int
    quarantined: int
    last_batch: int | None
    last_landed_at: dt.datetime | None
    batches_behind: int
    last_event: dt.datetime | None
    lag_days: float | None


def status(project: Project, *, now: dt.datetime | None = None) -> list[SourceStatus]:
    """Describe the status of each source, in the order of patron.yaml. now: where the lag ends; the clock, if None.

    While a run is at work, and on a disk that cannot be written, events and bad rows are those of the snapshot.
    """
    from patron.engines import open_warehouse

    zone = zoneinfo.ZoneInfo(project.settings.shop.timezone)
    local = (now or dt.datetime.now(dt.UTC)).astimezone(zone).replace(tzinfo=None)
    lake, record = Lake(project.lake), BuildRecord(project.built)
    built_to = record.complete.since_batch if record.complete else 0
    with lock_or_explain(project.state) as reason:
        if reason:
            return _describe_by_snapshot(project, lake, built_to, local)
        warehouse = open_warehouse(project)
        try:
            is_built = warehouse.exists("gold", "customer_360")
            return [
                _describe_source(project, lake, warehouse if is_built else None, source, built_to, local)
                for source in project.settings.sources
            ]
        finally:
            warehouse.close()


def _describe_by_snapshot(project: Project, lake: Lake, built_to: int, now: dt.datetime) -> list[SourceStatus]:
    """Describe each source without the warehouse, by what the current snapshot says of it."""
    snapshot = load_current(project.published)
    about = (read_manifest(project.published / snapshot.name) if snapshot else None) or Manifest()
    events = {one.source: dt.datetime.fromisoformat(one.last_event) for one in about.sources if one.last_event}
    bad = Counter[str]()
    for kind in about.bad_rows:
        bad[kind.source] += kind.row_count if kind.kind == "quarantined" else 0
    return [
        _describe_landed(lake, source, built_to, now, bad[source], events.get(source))
        for source in project.settings.sources
    ]


def _describe_source(
    project: Project, lake: Lake, warehouse: Warehouse | None, source: str, built_to: int, now: dt.datetime
) -> SourceStatus:
    happened = find_last_event(project, warehouse, source) if warehouse else None
    bad = _count_quarantined(warehouse, source) if warehouse else 0
    return _describe_landed(lake, source, built_to, now, bad, happened)


def _describe_landed(
    lake: Lake, source: str, built_to: int, now: dt.datetime, bad: int, happened: dt.datetime | None
) -> SourceStatus:
    landed = list_landed_files(lake.table(source)) if lake.table(source).exists else []
    batches = {each.batch_id: each.landed_at for file in landed for each in [file.landing, *file.replays]}
    return SourceStatus(
        source=source,
        files=len(landed),
        rows=sum(file.rows_since(0) for file in landed),
        rejected=sum(file.rejected_rows for file in landed),
        quarantined=bad,
        last_batch=max(batches, default=None),
        last_landed_at=batches[max(batches)] if batches else None,
        batches_behind=sum(batch > built_to for batch in batches),
        last_event=happened,
        lag_days=round((now - happened).total_seconds() / 86400, 2) if happened else None,
    )


def _count_quarantined(warehouse: Warehouse, source: str) -> int:
    sql = f"select count(*) as n from quarantine.quarantined_rows where source_name = '{source}'"
    return int(warehouse.query(sql).to_pylist()[0]["n"])
