"""Takes bad rows again after a mapping or a setting of the files was mended, and says how it went."""

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
from patron.project.lock import project_lock
from patron.project.project import Project
from patron.transform.quarantine import threshold as bad_rows
from patron.transform.quarantine.kinds import SAID, rows_of
from patron.transform.quarantine.report import sources_named
from patron.transform.render import dry_run as trial

if TYPE_CHECKING:
    import duckdb

    from patron.ingest.source import Reread


@dataclass(frozen=True)
class Requalified:
    """Rows of a source that were in quarantine for one entity, and what became of them.

    good_now: no longer in quarantine: in silver, or left out by the mapping's `where`.
    newly_bad: rows that had landed before, were good, and are not now.
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
    """What a replay came to; `unreadable` is about rows that could not be read, per source."""

    quarantined: list[Requalified]
    unreadable: list[Reread]
    quarantined_after_reading: dict[str, int]
    run: RunReport

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "quarantined": [asdict(each) for each in self.quarantined],
            "unreadable": [self._read(each) for each in self.unreadable],
            "run": self.run.as_dict(),
        }

    def _read(self, each: Reread) -> dict[str, Any]:
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
    """Read rejected rows again with the present settings, run the project, and compare the bad rows with those before.

    source: only its unreadable rows are read again and only its rows are compared; the run is of all.
    Doing it twice, or dying in between, adds nothing. Raises what `run` raises, such as CheckFailedError while too
    much is still bad; NothingBuiltError before the first run; SettingsError for an unknown source.
    """
    stages, names = stages or Stages(), sources_named(project, source)
    if not bad_rows.kept_rows(project).is_file():
        do = "run `patron run`; with --full-refresh, if it says that nothing is new"
        raise NothingBuiltError("There is no build whose bad rows could be replayed.", where=str(project.root), do=do)
    trial.before_landing(project)
    with _as_it_was(project) as before:
        with stages.stage("read again"):
            known_to, read = _read_again(project, names)
        report = run(project, stages=stages)
        after = bad_rows.kept_rows(project)
        requalified = [each for name in names for each in _compared(before, after, name, known_to)]
        replayed = {each.source: _quarantined_of(after, each) for each in read}
    return ReplayReport(requalified, read, replayed, report)


@contextmanager
def _as_it_was(project: Project) -> Iterator[duckdb.DuckDBPyConnection]:
    """Which rows were in quarantine before, as a table of its own; a run puts others in the file's place."""
    import duckdb

    with duckdb.connect(":memory:") as connection:
        sql = "create table before as select entity, source_name, row_key from read_parquet($path)"
        rows_of(sql, connection, path=bad_rows.kept_rows(project))
        yield connection


def _read_again(project: Project, names: list[str]) -> tuple[int, list[Reread]]:
    """The last landing before, and what reading again came to, for sources with unreadable rows."""
    with project_lock(project.state), translate_disk_errors(project.state):
        lake = Lake(project.lake)
        known_to = lake.next_batch_id() - 1
        reread = [project.connector(name).reread(lake) for name in names]
    return known_to, [each for each in reread if each is not None and each.rows_before]


# Every row that is or was bad, once: what became of it, and why it is bad now.
_COMPARED = f"""
with
    before as (select entity, row_key from main.before where source_name = $source),
    after as (
        select entity, row_key, {SAID} as said
        from read_parquet($after)
        where source_name = $source and batch_id <= $known_to
    )
select
    coalesce(before.entity, after.entity) as entity,
    case
        when after.row_key is null then 'good_now' when before.row_key is null then 'newly_bad' else 'still_bad'
    end as outcome,
    after.said,
    count(*) as row_count
from before full join after on before.entity = after.entity and before.row_key = after.row_key
group by all
order by entity, row_count desc, said
"""


def _compared(before: duckdb.DuckDBPyConnection, after: Path, source: str, known_to: int) -> Iterator[Requalified]:
    rows = rows_of(_COMPARED, before, after=after, source=source, known_to=known_to)
    for entity in dict.fromkeys(row[0] for row in rows):
        outcomes, reasons = Counter[str](), Counter[str]()
        for _, outcome, said, count in (row for row in rows if row[0] == entity):
            outcomes[outcome] += count
            if said is not None:
                reasons[said] += count
        good, bad, new = (outcomes[name] for name in ("good_now", "still_bad", "newly_bad"))
        yield Requalified(source, entity, good + bad, good, bad, new, dict(reasons.most_common()))


def _quarantined_of(after: Path, read: Reread) -> int:
    """How many of the rows that read now have values that do not fit."""
    sql = (
        "select count(distinct row_key) from read_parquet($after) where source_name = $source and batch_id = $batch_id"
    )
    return int(rows_of(sql, after=after, source=read.source, batch_id=read.batch_id or 0)[0][0])
