"""The manifest of a snapshot: where its tables came from, published beside them as about.json."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse
    from patron.project.project import Project

_NAME = "about.json"


@dataclass(frozen=True)
class SourceFacts:
    """The facts about a landed source.

    files: how many landed; for a database table, how many landings. rejected: rows that could not be read.
    last_landed_at: ISO, UTC. last_event: ISO, in the shop's timezone. Both are empty if there is none.
    """

    source: str
    files: int
    rows: int
    rejected: int
    last_landed_at: str
    last_event: str


@dataclass(frozen=True)
class RowAccount:
    """The account of a source's rows for one entity: row_count is the sum of the other counts."""

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
    """The bad rows of one kind; never a value of theirs."""

    source: str
    kind: str
    entity: str
    reason: str
    row_count: int


@dataclass(frozen=True)
class Manifest:
    """The origin of a snapshot.

    reason: why the tables were built. seconds: stage -> duration. tests_passed: data tests of this build, all of which
    passed, or nothing would be published. warning_count: of the run, which printed them; their texts may quote values.
    tables: layer -> its tables. empty: gold table without rows -> why.
    """

    reason: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    models_built: int = 0
    tests_passed: int = 0
    warning_count: int = 0
    sources: list[SourceFacts] = field(default_factory=list)
    accounting: list[RowAccount] = field(default_factory=list)
    bad_rows: list[BadRows] = field(default_factory=list)
    tables: dict[str, list[str]] = field(default_factory=dict)
    empty: dict[str, str] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Write it into the folder of a snapshot that is not current yet."""
        (folder / _NAME).write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")


def read_manifest(folder: Path) -> Manifest | None:
    """Read the manifest of a snapshot's folder; None if it is gone or another version of patron wrote it otherwise."""
    try:
        content: dict[str, Any] = json.loads((folder / _NAME).read_text(encoding="utf-8"))
        content["sources"] = [SourceFacts(**one) for one in content["sources"]]
        content["accounting"] = [RowAccount(**one) for one in content["accounting"]]
        content["bad_rows"] = [BadRows(**one) for one in content["bad_rows"]]
        return Manifest(**content)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def describe_sources(project: Project, warehouse: Warehouse) -> list[SourceFacts]:
    """Describe what landed of each source, in the order of patron.yaml."""
    from patron.lake import Lake, list_landed_files
    from patron.transform.last_event import find_last_event

    found = []
    for source in project.settings.sources:
        table = Lake(project.lake).table(source)
        landed = list_landed_files(table) if table.exists else []
        times = [each.landed_at for file in landed for each in [file.landing, *file.replays]]
        happened = find_last_event(project, warehouse, source)
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


def read_row_accounts(warehouse: Warehouse) -> list[RowAccount]:
    """Read quarantine.row_accounting, by source and entity."""
    rows = warehouse.query("select * from quarantine.row_accounting order by source_name, entity").to_pylist()
    return [RowAccount(source=row.pop("source_name"), **row) for row in rows]


def count_bad_rows(project: Project) -> list[BadRows]:
    """Count the bad rows by kind, without samples."""
    from patron.transform.quarantine.report import quarantine

    kinds = quarantine(project, samples=1).kinds
    return [BadRows(kind.source, kind.kind, kind.entity or "", kind.description, kind.rows) for kind in kinds]


def list_tables_by_layer(project: Project) -> dict[str, list[str]]:
    """List the models that the last build compiled, by their layer (the folder of the models)."""
    layers = sorted((project.compiled / "models").iterdir())
    return {layer.name: sorted(path.stem for path in layer.rglob("*.sql")) for layer in layers}
