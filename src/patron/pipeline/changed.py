"""A build of what changed in a project since its last build, or since that of another branch; nothing lands.

Nothing else is built: all other tables stay what the last build made of them. With a state, that is the last build of
main, of which a copy is worked on, so that it is only read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.errors import EngineError
from patron.files import translate_disk_errors
from patron.lake import Lake
from patron.pipeline.build import PREDICTION_SETTINGS
from patron.pipeline.complete_build import CompleteBuilder
from patron.pipeline.other_state import copy_state
from patron.pipeline.progress import Stages
from patron.pipeline.run import Runner, find_last_checked_batch
from patron.pipeline.run_report import RunReport
from patron.predict import stage as predictions
from patron.project.lock import lock_project
from patron.project.run_status import record_run
from patron.publish import snapshot
from patron.publish.empty_tables import explain_empty_tables
from patron.transform import plan as plans
from patron.transform.check_expressions import check_expressions, check_expressions_on_columns
from patron.transform.fingerprint import resolve_as_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from patron.project.project import Project
    from patron.transform.materialize import OnProgress
    from patron.transform.node import Node
    from patron.transform.plan import Plan
    from patron.transform.render.rendered import Rendered

ASIDE = "changed"
"""The folder in .patron that holds a build upon the state of another branch."""


def run_changed(project: Project, *, state: Path | None = None, stages: Stages | None = None) -> RunReport:
    """Build the models that changed since the last build and all that depends on them, and publish gold.

    state: the project folder, or its .patron, of another branch: what did not change is taken from its last build, and
    the result lies in .patron/changed, beside this project's own tables. Raises SettingsError before any data is read;
    NothingBuiltError where there is no complete build to start from; LockedError, EngineError, CheckFailedError.
    """
    check_expressions(project)
    own = project.lake if state is None else None
    with lock_project(project.state, own), translate_disk_errors(project.state):
        if state is not None:
            built = project.with_all_state(project.state / ASIDE)
            copy_state(state, built.state)
            return _ChangedRun(built, Lake(built.lake), stages or Stages()).run_changed()
        with record_run(project.state):
            return _ChangedRun(project, Lake(project.lake), stages or Stages()).run_changed()


class _ChangedRun(Runner):
    def run_changed(self) -> RunReport:
        with self.opened():
            try:
                return self._build_changed()
            except EngineError as error:
                raise self.warehouse.explain(error) from error.__cause__

    def _build_changed(self) -> RunReport:
        builder = _ChangedBuilder(self.project, self.lake, self.warehouse, self.record, preload=self.preload)
        builder.refuse_incomplete()
        before = snapshot.load_current(self.project.published)
        with self.stages.stage("render"):
            requested = builder.read_requested_as_of()
            is_today = self.project.settings.as_of == "today"  # a day that went by is no change of the project
            as_of = requested if is_today else resolve_as_of(self.project)
            rendered, schemas, fingerprint = self.render(as_of)
        report = RunReport({}, is_new=True, reason="", seconds=self.stages.seconds, snapshot=before)
        report.news += rendered.news
        check_expressions_on_columns(self.project, schemas, self.lake)
        with self.warehouse.hold_open():
            with self.stages.stage("plan"):
                plan = builder.plan_changed(rendered, is_measured_anew=as_of != requested)
            report.reason = "; ".join(plan.reasons) or "nothing changed"
            report.models_rebuilt, report.models_unchanged = sorted(plan.full or ()), len(plan.unchanged)
            report.is_new = builder.has_to_build(plan)
            if not report.is_new:
                return report
            with self.stages.stage("silver to gold"):
                builder.expose(as_of)
                since_batch = find_last_checked_batch(plan)
                built = builder.build_changed(plan, self.stages.steps, lambda: self.check_rows(since_batch))
            report.count(built, builder.seconds)
            report.predictions = builder.outcomes
            self.finish(report, builder, fingerprint)
        assert report.snapshot is not None
        report.empty_tables = explain_empty_tables(self.project, report.snapshot.tables)
        return report


class _ChangedBuilder(CompleteBuilder):
    """The build of what changed, on the tables of a complete build."""

    def plan_changed(self, rendered: Rendered, *, is_measured_anew: bool) -> Plan:
        """Plan to build what changed: models by their SQL, settings by the models and predictions that read them.

        is_measured_anew: whether everything is measured as of another day.
        """
        self.compile(rendered)
        moved = ("meta.",) if is_measured_anew else ()
        plan = self._plan_moved(moved)
        if self._changes_predictions(plan):
            plan = self._plan_moved((*moved, "predictions."))
        reasons = ["the day that everything is measured at changed"] if is_measured_anew else []
        if self._has_new_prediction_settings():
            reasons.append("the settings of predictions changed")
        forgotten = {
            node.name
            for node in self._tables()
            if node.materialized == "view" and not self.warehouse.exists(node.schema, node.name)
        }
        return plans.Plan(
            [*reasons, *plan.reasons],
            plan.full,
            plan.since_batch,
            plan.as_of_date,
            plan.is_complete,
            plan.unchanged - forgotten,
        )

    def _plan_moved(self, moved: tuple[str, ...]) -> Plan:
        return plans.plan_incremental(self.record, self._tables(), moved=moved)

    def _changes_predictions(self, plan: Plan) -> bool:
        """Whether predictions are made again: what they read changed, or their settings, or texts to score."""
        read = {"reviews"} if self._has_texts() else set()
        read.update(predictions.READS)
        read.update(node.name for node in self._tables() if node.place.startswith(predictions.INPUTS))
        return self._has_new_prediction_settings() or not read <= plan.unchanged

    def _has_new_prediction_settings(self) -> bool:
        assert self.record.complete is not None
        return self.record.complete.definitions.get(PREDICTION_SETTINGS) != self._hash_prediction_settings()

    def has_to_build(self, plan: Plan) -> bool:
        """Whether anything changed that tables or predictions depend on."""
        tables = {node.name for node in self._tables() if node.materialized != "view"}
        return not tables <= plan.unchanged or self._has_new_prediction_settings()

    def build_changed(self, plan: Plan, on_progress: OnProgress, check_rows: Callable[[], None]) -> list[Node]:
        """Build by the plan; return the models and seeds that were built and the data tests that passed."""
        if self._changes_predictions(plan):
            return self.build(plan, None, on_progress, check_rows)
        self.record.begin(plan.full)
        self._write_identity()
        nodes = [node for node in self._nodes if not self.is_left_alone(node, plan)]
        built = self._materialize(plan, nodes, on_progress)
        check_rows()
        return built
