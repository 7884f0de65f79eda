"""The threshold for bad rows: a build keeps them where they can be read at any time, and stops if there are too many.

.patron/bad_rows/quarantined_rows.parquet   of the last build, readable while a run is working
.patron/bad_rows/account.json               how many there are, and the last batch that was below the threshold
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from patron.errors import CheckFailedError
from patron.files import write_atomically
from patron.lake import list_landed_files
from patron.transform.quarantine.kinds import Kind, find_quarantined_kinds, find_unreadable_kinds, query_parquet

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse
    from patron.lake import Lake
    from patron.project.project import Project

_TABLE = "quarantined_rows"


@dataclass(frozen=True)
class Account:
    """How many bad rows there are, by source.

    mapping: a hash of the settings that decided which rows are bad. batch_id: the last batch that was checked.
    """

    quarantined: dict[str, int] = field(default_factory=dict)
    unreadable: dict[str, int] = field(default_factory=dict)
    mapping: str = ""
    batch_id: int = 0


@dataclass(frozen=True)
class _Share:
    """The share of bad rows among the rows of a source that are checked, which may be all that it ever had."""

    source: str
    rows: int
    bad: int
    kinds: list[Kind]
    is_whole_source: bool

    @property
    def rate(self) -> float:
        return self.bad / self.rows if self.rows else 0.0

    def __str__(self) -> str:
        common = sorted(self.kinds, key=lambda kind: (-kind.rows, kind.description))[:3]
        reasons = "; ".join(f"{kind.description} ({kind.rows:,})" for kind in common)
        return f"{self.source}: {self.bad:,} of {self.rows:,} rows are bad ({self.rate:.1%}). Most common: {reasons}"


def quarantined_rows_path(project: Project) -> Path:
    """The Parquet file with the quarantined rows of the last build; it does not exist before the first."""
    return _folder(project) / f"{_TABLE}.parquet"


def load_account(project: Project) -> Account:
    """Load how many bad rows the last build below the threshold had."""
    try:
        return Account(**json.loads((_folder(project) / "account.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return Account()


def enforce_threshold(project: Project, lake: Lake, warehouse: Warehouse) -> Account:
    """Keep the bad rows of a build, and stop it if there are too many.

    Checks the rows that arrived since the last check; all rows, if a mapping changed since.
    Raises CheckFailedError if the share of bad rows of a source is above quarantine.stop_above_rate.
    """
    _keep(project, warehouse)
    before, mapping = load_account(project), hash_mapping(project)
    since = before.batch_id if before.mapping == mapping else 0
    _stop_if_too_many(project, list(_compute_shares(project, lake, warehouse, since)))
    found = Account(*_counts(project, lake), mapping, lake.next_batch_id() - 1)
    write_atomically(_folder(project) / "account.json", json.dumps(asdict(found), indent=2))
    return found


def hash_mapping(project: Project) -> str:
    """Hash every setting that decides which rows are bad."""
    settings = project.settings
    sources = {
        name: source.model_dump(mode="json", include={"entities", "null_values"})
        for name, source in settings.sources.items()
    }
    limits = settings.quarantine.model_dump(mode="json", include={"future_events", "events_before"})
    return hashlib.sha256(json.dumps([sources, settings.shop.timezone, limits]).encode()).hexdigest()


def _folder(project: Project) -> Path:
    return project.state / "bad_rows"


def _keep(project: Project, warehouse: Warehouse) -> None:
    fresh = _folder(project) / "new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    warehouse.export("quarantine", [_TABLE], fresh)
    (fresh / f"{_TABLE}.parquet").replace(quarantined_rows_path(project))
    shutil.rmtree(fresh, ignore_errors=True)


def _compute_shares(project: Project, lake: Lake, warehouse: Warehouse, since: int) -> Iterator[_Share]:
    quarantined = _count_rows(quarantined_rows_path(project), since)
    for source in project.settings.sources:
        files = list_landed_files(lake.table(source))
        unreadable = sum(file.rejected_rows for file in files if file.batch_id > since)
        rows = unreadable + sum(file.rows_since(since) for file in files)
        bad = unreadable + quarantined.get(source, 0)
        if any(mapping.explode for mapping in project.mappings[source].entities.values()):
            rows, bad = (unreadable + count for count in _count_worst_entity(project, warehouse, source, since))
        if bad:
            kinds = find_quarantined_kinds(quarantined_rows_path(project), source, since=since)
            kinds += find_unreadable_kinds(lake, source, since=since)
            is_whole = not any(file.batch_id <= since for file in files)
            yield _Share(source, rows, bad, kinds, is_whole)


def _count_worst_entity(project: Project, warehouse: Warehouse, source: str, since: int) -> tuple[int, int]:
    """Count the rows, and the bad ones, of the entity with the largest share of them.

    Where a mapping makes rows of elements, those of different entities are different rows.
    """
    entities = [*project.mappings[source].entities, *(["order_lines"] if source in project.orders_as_lines() else [])]
    counted = []
    for entity in entities:
        found = warehouse.query(
            "select count(*) as n, count(quarantine_reason) as bad "
            f"from staging.stg_{entity} where source_name = '{source}' and _batch_id > {since}"
        ).to_pylist()[0]
        counted.append((int(found["n"]), int(found["bad"])))
    return max(counted, key=lambda counts: counts[1] / max(counts[0], 1))


def _stop_if_too_many(project: Project, shares: list[_Share]) -> None:
    limits = project.settings.quarantine
    over = [
        share for share in shares if share.rate > limits.stop_above_rate and _is_enough(share, limits.at_least_rows)
    ]
    if over:
        which = f" --source {over[0].source}" if len(over) == 1 else ""
        raise CheckFailedError(
            "Too many rows are bad; nothing was published. " + " ".join(f"{share}." for share in over),
            where=project.where("sources", over[0].source),
            do=f"`patron quarantine{which}` lists them: fix the mapping in patron.yaml, then `patron replay`; or, if "
            f"they really are bad, raise quarantine.stop_above_rate (now {limits.stop_above_rate:g})",
        )


def _is_enough(share: _Share, at_least_rows: int) -> bool:
    """Whether there are bad rows enough to stop: of all rows of a source, most are; of new ones, not a handful."""
    return share.bad >= at_least_rows or share.is_whole_source


def _counts(project: Project, lake: Lake) -> tuple[dict[str, int], dict[str, int]]:
    """Count quarantined and unreadable rows, by source that has any."""
    quarantined = _count_rows(quarantined_rows_path(project), 0)
    unreadable = {
        source: sum(file.rejected_rows for file in list_landed_files(lake.table(source)))
        for source in project.settings.sources
    }
    return quarantined, {source: count for source, count in unreadable.items() if count}


def _count_rows(path: Path, since: int) -> dict[str, int]:
    """Count the bad rows of each source that has any, each once even if it is bad for several entities."""
    sql = (
        "select source_name, count(distinct row_key) from read_parquet($path) where batch_id > $since "
        "group by source_name order by source_name"
    )
    return {source: int(count) for source, count in query_parquet(sql, path=path, since=since)}
