"""What can be checked without the warehouse: while a run is at work on it, or where nothing can be written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from patron.errors import NothingBuiltError
from patron.lake import Lake, list_landed_files
from patron.pipeline.check.finding import Finding
from patron.pipeline.check.lake_checks import check_age, find_damaged_files
from patron.project.project import Project
from patron.publish.manifest import Manifest, read_manifest
from patron.publish.snapshot import find_damage, load_current


def check_beside(project: Project, reason: str, now: dt.datetime) -> Iterator[Finding]:
    """Check the lake's files, the snapshot, its row accounts, and freshness. Raises NothingBuiltError before a run."""
    snapshot = load_current(project.published)
    if snapshot is None:
        raise NothingBuiltError("There is nothing to check yet.", where=str(project.root), do="run `patron run`")
    detail = f"{reason} The lake and the published tables are checked, the warehouse is not"
    yield Finding("warehouse", "not checked", "warn", detail)
    yield from _check_lake(project, now)
    damaged = find_damage(project.published, snapshot)
    detail = f"{', '.join(damaged)}: not the bytes that were published; `patron run` repairs them"
    fine = f"{len(snapshot.tables)} tables as of {snapshot.as_of}, as they were published"
    yield Finding("published", snapshot.name, "fail" if damaged else "pass", detail if damaged else fine)
    yield from _check_accounts(read_manifest(project.published / snapshot.name) or Manifest())


def _check_lake(project: Project, now: dt.datetime) -> Iterator[Finding]:
    lake = Lake(project.lake)
    for source, settings in project.settings.sources.items():
        if not lake.table(source).exists:
            continue
        landed = list_landed_files(lake.table(source))
        rows = sum(file.rows_since(0) for file in landed)
        fine = Finding("files", source, "pass", f"{len(landed):,} {settings.kind.unit}: {rows:,} rows, none damaged")
        yield find_damaged_files(lake, source) or fine
        arrived = max((file.landed_at for file in landed), default=None)
        yield check_age(now, f"{source} by arrival", arrived, settings.freshness.arrival)


def _check_accounts(about: Manifest) -> Iterator[Finding]:
    for one in about.accounting:
        parts = one.silver_count + one.duplicate_count + one.deleted_count + one.quarantined_count + one.filtered_count
        detail = f"{one.row_count:,} rows in the snapshot, {parts:,} of them accounted for"
        yield Finding("rows", f"{one.source}: {one.entity}", "pass" if parts == one.row_count else "fail", detail)
