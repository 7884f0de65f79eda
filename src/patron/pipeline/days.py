"""`patron run --days`: chosen days of the day-grained tables are built again, and gold is published with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.errors import CheckFailedError, EngineError, NothingBuiltError
from patron.files import translate_disk_errors
from patron.lake import Lake
from patron.pipeline.complete_build import CompleteBuilder
from patron.pipeline.progress import Stages
from patron.pipeline.run import Runner
from patron.pipeline.run_report import RunReport
from patron.project.lock import lock_project
from patron.project.run_status import record_run
from patron.publish import snapshot
from patron.publish.empty_tables import explain_empty_tables
from patron.transform.days import Days, rebuild_days, sort_day_grained

if TYPE_CHECKING:
    from patron.project.project import Project
    from patron.transform.materialize import OnProgress
    from patron.transform.node import Node
    from patron.transform.render.rendered import Rendered


def run_days(project: Project, days: Days, *, stages: Stages | None = None) -> RunReport:
    """Build these days of the day-grained tables again, from what the last build made of everything else, and publish.

    Nothing lands. Raises SettingsError before any data is read; NothingBuiltError where the last build is not complete,
    or the project changed since; LockedError, EngineError, CheckFailedError.
    """
    with lock_project(project.state, project.lake), record_run(project.state), translate_disk_errors(project.state):
        return _DaysRun(project, Lake(project.lake), stages or Stages()).run_days(days)


class _DaysRun(Runner):
    def run_days(self, days: Days) -> RunReport:
        with self.opened():
            try:
                return self._rebuild(days)
            except EngineError as error:
                raise self.warehouse.explain(error) from error.__cause__

    def _rebuild(self, days: Days) -> RunReport:
        builder = _DaysBuilder(self.project, self.lake, self.warehouse, self.record, preload=self.preload)
        builder.refuse_incomplete()
        before, complete = snapshot.load_current(self.project.published), self.record.complete
        assert complete is not None
        report = RunReport({}, is_new=False, reason="", seconds=self.stages.seconds, snapshot=before)
        with self.stages.stage("render"):
            rendered = self.render(builder.read_requested_as_of())[0]
        with self.warehouse.hold_open():
            builder.take(rendered)
            chosen = builder.clip_to_calendar(days)
            if chosen is None:
                report.reason = f"no day of {days} lies in the data"
                return report
            report.is_new, report.reason = True, f"the days {chosen} were requested"
            with self.stages.stage("days"):
                report.count(builder.rebuild(chosen, self.stages.steps), builder.seconds)
            self.publish(report, complete.fingerprint, complete.as_of_date)
        assert report.snapshot is not None
        report.empty_tables = explain_empty_tables(self.project, report.snapshot.tables)
        return report


class _DaysBuilder(CompleteBuilder):
    """The build of chosen days."""

    def take(self, rendered: Rendered) -> None:
        """Compile the project. Raises NothingBuiltError where a model is not what the tables were built from."""
        self.compile(rendered)
        assert self.record.complete is not None
        known = self.record.complete.definitions
        changed = sorted(node.name for node in self._tables() if known.get(node.name) != node.definition)
        if changed:
            what = f"Days of two definitions would stand beside each other: {', '.join(changed[:3])} changed."
            raise NothingBuiltError(what, where=str(self.project.state), do="run `patron run --changed` first")

    def clip_to_calendar(self, days: Days) -> Days | None:
        """Return the chosen days that the data has; None if it has none of them."""
        row = self.warehouse.query("select min(calendar_date) as a, max(calendar_date) as b from measures.calendar")
        first, last = (row.column(name)[0].as_py() for name in ("a", "b"))
        return None if first is None else days.clip(first, last)

    def rebuild(self, days: Days, on_progress: OnProgress) -> list[Node]:
        """Build the days of every day-grained table, then run the data tests. Raises CheckFailedError."""
        tables = sort_day_grained(self._nodes)
        names = {node.name for node in tables}
        tests = [node for node in self._nodes if node.kind == "test" and node.rules_of in names]
        for number, node in enumerate(tables, start=1):
            self.seconds[node.name] = rebuild_days(self.warehouse, node, days)
            on_progress(node.name, number, len(tables) + len(tests))
        failed = [test.name for test in tests if self.warehouse.has_rows(test.code)]
        if failed:
            what = f"{len(failed)} data tests do not hold: {', '.join(failed[:5])}."
            do = "`patron check` shows the broken rules; `patron run --full-refresh` builds everything again"
            raise CheckFailedError(what, where="the day-grained tables, which were not published", do=do)
        return [*tables, *tests]
