"""Retry bad rows after the mapping or the csv settings were fixed, and report what became of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from patron.errors import NothingBuiltError
from patron.files import translate_disk_errors
from patron.lake import Lake
from patron.pipeline.progress import Stages
from patron.pipeline.run import run
from patron.pipeline.run_report import RunReport
from patron.project.lock import lock_project
from patron.project.project import Project
from patron.transform.quarantine import threshold
from patron.transform.quarantine.kinds import REASON_SQL, query_parquet
from patron.transform.quarantine.report import select_sources
from patron.transform.render import dry_run as trial

if TYPE_CHECKING:
    import duckdb

    from patron.ingest.source import Reread


@dataclass(frozen=True)
class Requalified:
    """Rows of a source that were quarantined for one entity, and what became of them.

    good_now: no longer in quarantine, but in silver or filtered out by the mapping's `where`.
    newly_bad: rows that had landed before, were good, and are bad now.
    """

    source: str
    entity: str
    bad_before: int
    good_now: int
    still_bad: int
    newly_bad: int
    reasons: dict[str, int]


@dataclass(frozen=True)
class ReplayReport:
    """What a replay did: to quarantined rows by source and entity, and to rows that could not be read by source."""

    quarantined: list[Requalified]
    unreadable: list[Reread]
    quarantined_after_reading: dict[str, int]
    run: RunReport

    def as_dict(self) -> dict[str, Any]:
        """The report as `patron replay --json` prints it."""
        return {
            "quarantined": [asdict(each) for each in self.quarantined],
            "unreadable": [self._unreadable_dict(each) for each in self.unreadable],
            "run": self.run.as_dict(),
        }

    def _unreadable_dict(self, each: Reread) -> dict[str, Any]:
        return {
            "source": each.source,
            "bad_before": each.rows_before,
            "read_now": each.rows_read,
            "of_these_quarantined": self.quarantined_after_reading.get(each.source, 0),
            "still_bad": each.rows_rejected,
            "reasons": dict(each.reasons.most_common()),
            "out_of_reach": [{"file": file, "rows": rows, "why": why} for file, rows, why in each.out_of_reach],
        }


def replay(project: Project, *, source: str | None = None, stages: Stages | None = None) -> ReplayReport:
    """Read rejected rows again with the current settings, run the project, and compare the bad rows with those before.

    source: read again and compare only this source's rows; the run covers all sources.
    A second replay, or one after a crash, adds nothing twice. Raises what `run` raises, such as CheckFailedError while
    too many rows are still bad; NothingBuiltError before the first run; SettingsError for an unknown source.
    """
    stages, names = stages or Stages(), select_sources(project, source)
    if not threshold.quarantined_rows_path(project).is_file():
        do = "run `patron run`; with --full-refresh, if it says that nothing is new"
        raise NothingBuiltError(
            "There are no bad rows to replay before the first build.", where=str(project.root), do=do
        )
    trial.check_before_landing(project)
    with _snapshot_before(project) as before:
        with stages.stage("reread"):
            known_to, read = _read_again(project, names)
        report = run(project, stages=stages)
        after = threshold.quarantined_rows_path(project)
        requalified = [each for name in names for each in _compare(before, after, name, known_to)]
        replayed = {each.source: _count_quarantined(after, each) for each in read}
    return ReplayReport(requalified, read, replayed, report)


@contextmanager
def _snapshot_before(project: Project) -> Iterator[duckdb.DuckDBPyConnection]:
    """Copy the keys of the quarantined rows into memory, since the run replaces the file."""
    import duckdb

    with duckdb.connect(":memory:") as connection:
        sql = "create table before as select entity, source_name, row_key from read_parquet($path)"
        query_parquet(sql, connection, path=threshold.quarantined_rows_path(project))
        yield connection


def _read_again(project: Project, names: list[str]) -> tuple[int, list[Reread]]:
    """Read unreadable rows again; return the last batch before that, and the results by source that had any."""
    with lock_project(project.state, project.lake), translate_disk_errors(project.state):
        lake = Lake(project.lake)
        known_to = lake.next_batch_id() - 1
        reread = [project.connector(name).reread(lake) for name in names]
    return known_to, [each for each in reread if each is not None and each.rows_before]


# Each row that is or was bad, once: what became of it, and why it is bad now.
_OUTCOMES = f"""
with
    before as (select entity, row_key from main.before where source_name = $source),
    after as (
        select entity, row_key, {REASON_SQL} as reason
        from read_parquet($after)
        where source_name = $source and batch_id <= $known_to
    )
select
    coalesce(before.entity, after.entity) as entity,
    case
        when after.row_key is null then 'good_now' when before.row_key is null then 'newly_bad' else 'still_bad'
    end as outcome,
    after.reason,
    count(*) as row_count
from before full join after on before.entity = after.entity and before.row_key = after.row_key
group by all
order by entity, row_count desc, reason
"""


def _compare(before: duckdb.DuckDBPyConnection, after: Path, source: str, known_to: int) -> Iterator[Requalified]:
    rows = query_parquet(_OUTCOMES, before, after=after, source=source, known_to=known_to)
    for entity in dict.fromkeys(row[0] for row in rows):
        outcomes, reasons = Counter[str](), Counter[str]()
        for _, outcome, reason, count in (row for row in rows if row[0] == entity):
            outcomes[outcome] += count
            if reason is not None:
                reasons[reason] += count
        good, bad, new = (outcomes[name] for name in ("good_now", "still_bad", "newly_bad"))
        yield Requalified(source, entity, good + bad, good, bad, new, dict(reasons.most_common()))


def _count_quarantined(after: Path, read: Reread) -> int:
    """Count the rows that can be read now and have invalid values."""
    sql = (
        "select count(distinct row_key) from read_parquet($after) where source_name = $source and batch_id = $batch_id"
    )
    return int(query_parquet(sql, after=after, source=read.source, batch_id=read.batch_id or 0)[0][0])
