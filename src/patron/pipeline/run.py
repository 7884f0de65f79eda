"""One run: source -> bronze -> silver -> measures -> gold -> published, or nothing where nothing is new."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

from patron.errors import EngineError, PatronError
from patron.files import translate_disk_errors
from patron.pipeline import preload
from patron.pipeline.check.before_publishing import list_doubts, refuse_wrong_money
from patron.pipeline.money import read_money
from patron.pipeline.preload import Preload
from patron.pipeline.progress import Stages
from patron.pipeline.render_project import render_project
from patron.pipeline.run_report import RunReport
from patron.pipeline.tidy import tidy_once_a_day
from patron.project.lock import lock_project
from patron.project.project import Project
from patron.project.run_status import record_run
from patron.publish.empty_tables import explain_empty_tables
from patron.transform.check_expressions import check_expressions, check_expressions_on_columns
from patron.transform.fingerprint import hash_gold_inputs, list_gold_tables, resolve_as_of
from patron.transform.quarantine import threshold
from patron.transform.render.source_schema import read_bronze_schemas
from patron.transform.state import BuildRecord

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.ingest.source import Landing
    from patron.lake import Lake
    from patron.pipeline.build import Builder
    from patron.publish.manifest import Manifest
    from patron.publish.snapshot import Snapshot
    from patron.transform.plan import Plan
    from patron.transform.render.rendered import Rendered


def run(
    project: Project,
    *,
    full_refresh: bool = False,
    full_compare: bool = False,
    refit: bool = False,
    select: str | None = None,
    stages: Stages | None = None,
) -> RunReport:
    """Land what is new and bring gold up to it.

    full_compare: also read in full the tables that have a cursor, and find which of their rows are gone.
    full_refresh: build silver and all that follows again from the lake, even where nothing is new.
    refit: forget the fitted models, and fit them again.
    select: dbt's selection of models; then nothing is published, since gold may be only partly new.
    Raises SettingsError before any data is read; LockedError, SourceError, EngineError, CheckFailedError.
    """
    from patron.lake import Lake

    check_expressions(project)
    for source in project.settings.sources:
        project.connector(source).check()
    with lock_project(project.state, project.lake), record_run(project.state), translate_disk_errors(project.state):
        if refit:
            shutil.rmtree(project.models, ignore_errors=True)
        runner = Runner(project, Lake(project.lake), stages or Stages(), full_compare, refit)
        return runner.run(full_refresh, select)


def refresh(project: Project, lake: Lake, followed: dict[str, Landing]) -> RunReport:
    """Land what is new in all other sources, and bring gold up to the lake. The caller holds the project's lock.

    followed: live source -> what has landed of it since the last refresh. Raises as `run` does.
    """
    with record_run(project.state), translate_disk_errors(project.state):
        return Runner(project, lake, Stages(), followed=followed).run()


_ROWS_TO_FIT_ON = 5_000
"""Fewer rows hardly hold enough customers for a model."""


class Runner:
    """The steps of one run. The caller holds the project's lock, and closes by `run`."""

    def __init__(
        self,
        project: Project,
        lake: Lake,
        stages: Stages,
        full_compare: bool = False,
        refit: bool = False,
        followed: dict[str, Landing] | None = None,
    ) -> None:
        from patron.engines import open_warehouse

        self.project, self.lake, self.warehouse, self.stages = project, lake, open_warehouse(project), stages
        self.full_compare, self.refit, self.followed = full_compare, refit, followed or {}
        self.record = BuildRecord(project.built)
        self.preload = Preload()

    def run(self, full_refresh: bool = False, select: str | None = None) -> RunReport:
        """Run, and release what was opened. Raises as `run` does."""
        with self.opened():
            return self.go(full_refresh, select)

    @contextlib.contextmanager
    def opened(self) -> Iterator[None]:
        """Close the warehouse at the end, once what is imported in the background is there."""
        try:
            yield
        finally:
            self.preload.wait_for_all()
            self.warehouse.close()

    def go(self, full_refresh: bool, select: str | None) -> RunReport:
        """Land, build and publish."""
        from patron.publish import snapshot

        with self.stages.stage("bronze"):
            landed = self._land()
        with self.stages.stage("render"):
            rendered, schemas, fingerprint = self.render(resolve_as_of(self.project))
        before = snapshot.load_current(self.project.published)
        reason = self._why_build(before, fingerprint, full_refresh, select)
        report = RunReport(landed, bool(reason), reason, self.stages.seconds, before)
        report.news += rendered.news
        for landing in landed.values():
            report.warnings += landing.warnings
        if reason:
            for source in self.project.settings.sources:
                self.lake.table(source).check_files()  # a byte that flipped could come out as another price
            check_expressions_on_columns(self.project, schemas, self.lake)
            try:
                self._build(report, rendered, fingerprint, full_refresh, select)
            except EngineError as error:
                raise self.warehouse.explain(error) from error.__cause__
            if not select:
                self._tidy(report)
        report.bad_rows = threshold.load_account(self.project)
        if report.is_new and report.snapshot is not None:
            report.empty_tables = explain_empty_tables(self.project, report.snapshot.tables)
        return report

    def render(self, as_of: str) -> tuple[Rendered, dict[str, pa.Schema], str]:
        """Render the project: the project, each source's columns, and the fingerprint of the gold that it makes."""
        schemas = read_bronze_schemas(self.project, self.lake)
        rendered = render_project(self.project, schemas, self.warehouse, as_of)
        return rendered, schemas, hash_gold_inputs(self.project, self.lake, rendered.fingerprint, as_of)

    def _land(self) -> dict[str, Landing]:
        landed = {}
        rows_before = 0

        def on_progress(rows: int) -> None:
            self._begin_to_import(rows_before + rows)  # rows arrive: there will be a build
            self.stages.rows(rows_before + rows)

        for name in self.project.settings.sources:
            if name in self.followed:
                landed[name] = self.followed[name]
                continue
            connector = self.project.connector(name)
            landed[name] = connector.land(self.lake, full_compare=self.full_compare, on_progress=on_progress)
            rows_before += landed[name].rows
        return landed

    def _begin_to_import(self, rows: int) -> None:
        """Import what predictions need, beside landing. A shop that is too small for a model needs no library."""
        if (self.project.models / "churn").exists():
            self.preload.begin(*preload.SCORES)
        elif rows > _ROWS_TO_FIT_ON:
            self.preload.begin(*preload.FITS)

    def _why_build(self, before: Snapshot | None, fingerprint: str, full_refresh: bool, select: str | None) -> str:
        """Why silver and later are built; empty where they already are what they would become."""
        from patron.publish import snapshot

        if full_refresh:
            return "a full refresh was requested"
        if select:
            return f"a selection was requested: {select}"
        if self.refit:
            return "a new fit was requested"
        if before is None:
            return "nothing was published yet"
        if before.fingerprint != fingerprint:
            return "as_of, the settings or the lake changed"
        if not self.warehouse.exists("gold", "customer_360"):
            return "the warehouse was gone"
        if self.record.fingerprint != fingerprint:
            return "the last build did not end"
        damaged = snapshot.find_damage(self.project.published, before)
        return f"published files were damaged or changed: {', '.join(damaged)}" if damaged else ""

    def _build(
        self, report: RunReport, rendered: Rendered, fingerprint: str, full_refresh: bool, select: str | None
    ) -> None:
        from patron.pipeline.build import Builder

        if full_refresh:
            self.record.begin(None)
            self.warehouse.drop_built()
        with self.warehouse.hold_open():  # opening and closing it costs as much as a small model
            builder = Builder(self.project, self.lake, self.warehouse, self.record, preload=self.preload)
            with self.stages.stage("plan"):
                builder.expose(rendered.as_of)
                plan = builder.plan(rendered)
                if not (full_refresh or select):
                    report.reason = "; ".join([*_new_rows(report), *plan.reasons]) or report.reason
                report.is_full_build, report.models_rebuilt = plan.full is None, sorted(plan.full or ())
                report.models_unchanged = 0 if select else len(plan.unchanged)
            with self.stages.stage("silver to gold"):
                since_batch = find_last_checked_batch(plan)
                built = builder.build(plan, select, self.stages.steps, lambda: self.check_rows(since_batch))
            report.count(built, builder.seconds)
            report.predictions = builder.outcomes
            if select:
                builder.finish_selection(fingerprint)
                return
            self.finish(report, builder, fingerprint, force=full_refresh)

    def finish(self, report: RunReport, builder: Builder, fingerprint: str, *, force: bool = False) -> None:
        """Record that the tables are complete, and publish gold."""
        with self.stages.stage("checks"):
            report.warnings += list_doubts(self.project, self.lake, self.warehouse)
        builder.remember()
        report.money, report.currency = read_money(self.warehouse), self.project.settings.shop.currency
        self.publish(report, fingerprint, builder.finish(fingerprint), force=force)

    def publish(self, report: RunReport, fingerprint: str, as_of: str, *, force: bool = False) -> None:
        """Publish gold as it stands. as_of: the day that it is measured at."""
        from patron.publish import snapshot

        with self.stages.stage("publish"):
            report.snapshot = snapshot.publish(
                self.warehouse,
                self.project.published,
                list_gold_tables(self.project),
                fingerprint=fingerprint,
                as_of=as_of,
                force=force,
                write_beside=lambda folder, rows: self._manifest(report, rows).write(folder),
                at_least=self.project.settings.keep.snapshots,
                days=self.project.settings.keep.snapshot_days,
            )

    def _tidy(self, report: RunReport) -> None:
        """Tidy up what runs leave behind. Gold is published by now, so a disk that refuses is only told."""
        try:
            with self.stages.stage("tidy"), translate_disk_errors(self.project.state):
                tidy_once_a_day(self.project, self.lake, self.warehouse)
        except PatronError as error:
            report.warnings.append(f"The lake was not tidied up: {error.what}; `patron tidy` tries again")

    def _manifest(self, report: RunReport, rows: dict[str, int]) -> Manifest:
        """Describe where the snapshot came from, for its readers. rows: gold table -> its rows."""
        from patron.publish import manifest

        return manifest.Manifest(
            reason=report.reason,
            seconds={name: round(seconds, 1) for name, seconds in self.stages.seconds.items()},
            models_built=report.models_built,
            tests_passed=report.tests_passed,
            warning_count=len(report.warnings),
            sources=manifest.describe_sources(self.project, self.warehouse),
            accounting=manifest.read_row_accounts(self.warehouse),
            bad_rows=manifest.count_bad_rows(self.project),
            tables=manifest.list_tables_by_layer(self.project),
            empty=explain_empty_tables(self.project, rows),
        )

    def check_rows(self, since_batch: int) -> None:
        """Stop before bad rows are predicted from or published. since_batch: lines of later landings are new."""
        threshold.enforce_threshold(self.project, self.lake, self.warehouse)
        refuse_wrong_money(self.project, self.lake, self.warehouse, since_batch)


def find_last_checked_batch(plan: Plan) -> int:
    """Find the landing up to which lines were checked before; 0 where all lines were built again."""
    return 0 if plan.full is None or "order_lines" in plan.full else plan.since_batch


def _new_rows(report: RunReport) -> list[str]:
    rows = sum(landing.rows for landing in report.landed.values())
    return [f"{rows:,} new {'row' if rows == 1 else 'rows'} landed"] if rows else []
