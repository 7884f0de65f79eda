"""What readers of a snapshot may ask of where it came from: published beside its tables, as about.json."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse
    from patron.project.project import Project
    from patron.publish.snapshot import Snapshot

_NAME = "about.json"


@dataclass(frozen=True)
class SourceFacts:
    """files: that landed; of a database's table, its landings. last_landed_at: ISO, UTC; last_event: ISO, the shop's
    own time; empty where there is none. rejected: rows that could not be read.
    """

    source: str
    files: int
    rows: int
    rejected: int
    last_landed_at: str
    last_event: str


@dataclass(frozen=True)
class Accounted:
    """Where a source's rows went for one entity: row_count is the sum of the others."""

    source: str
    entity: str
    row_count: int
    silver_count: int
    duplicate_count: int
    deleted_count: int
    quarantined_count: int
    filtered_count: int


@dataclass(frozen=True)
class BadRows:
    """Bad rows of a kind; never a value of theirs."""

    source: str
    kind: str
    entity: str
    reason: str
    row_count: int


@dataclass(frozen=True)
class About:
    """reason: why the tables were built. seconds: stage -> how long. tests_passed: tests of the data in this build, all
    of which held or nothing would be published. tables: stop of the house -> its tables. empty: gold table -> why.
    """

    reason: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    models_built: int = 0
    tests_passed: int = 0
    warnings: list[str] = field(default_factory=list)
    sources: list[SourceFacts] = field(default_factory=list)
    accounting: list[Accounted] = field(default_factory=list)
    bad_rows: list[BadRows] = field(default_factory=list)
    tables: dict[str, list[str]] = field(default_factory=dict)
    empty: dict[str, str] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Into a snapshot's folder, before it is made current."""
        (folder / _NAME).write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")


def about(published: Path, snapshot: Snapshot) -> About | None:
    """What is told of a snapshot; None of one that an older patron published, or that is gone."""
    try:
        said: dict[str, Any] = json.loads((published / snapshot.name / _NAME).read_text(encoding="utf-8"))
        said["sources"] = [SourceFacts(**one) for one in said["sources"]]
        said["accounting"] = [Accounted(**one) for one in said["accounting"]]
        said["bad_rows"] = [BadRows(**one) for one in said["bad_rows"]]
        return About(**said)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def source_facts(project: Project, warehouse: Warehouse) -> list[SourceFacts]:
    """Of each source of patron.yaml, in its order."""
    from patron.lake import Lake, landed_files
    from patron.transform.last_event import last_event

    found = []
    for source in project.settings.sources:
        table = Lake(project.lake).table(source)
        landed = landed_files(table) if table.exists else []
        times = [each.landed_at for file in landed for each in [file.landing, *file.replays]]
        happened = last_event(project, warehouse, source)
        found.append(
            SourceFacts(
                source,
                files=len(landed),
                rows=sum(file.rows_since(0) for file in landed),
                rejected=sum(file.rejected_rows for file in landed),
                last_landed_at=max(times).isoformat(timespec="seconds") if times else "",
                last_event=happened.isoformat(timespec="seconds") if happened else "",
            )
        )
    return found


def accounting(warehouse: Warehouse) -> list[Accounted]:
    """quarantine.row_accounting."""
    rows = warehouse.query("select * from quarantine.row_accounting order by source_name, entity").to_pylist()
    return [Accounted(source=row.pop("source_name"), **row) for row in rows]


def bad_rows(project: Project) -> list[BadRows]:
    """Kinds of bad rows, without samples."""
    from patron.transform.quarantine.report import quarantine

    kinds = quarantine(project, samples=1).kinds
    return [BadRows(kind.source, kind.kind, kind.entity or "", kind.said, kind.rows) for kind in kinds]


def tables_by_stop(project: Project) -> dict[str, list[str]]:
    """Folder of the models -> their names, as the last build compiled them."""
    stops = sorted((project.compiled / "models").iterdir())
    return {stop.name: sorted(path.stem for path in stop.rglob("*.sql")) for stop in stops}
