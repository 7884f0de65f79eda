"""One build of the warehouse: plans what to do again, does it, and records what the tables were built from."""

from __future__ import annotations

import hashlib
import uuid
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from typing import TYPE_CHECKING

from patron.engines.dialects import find_dialect
from patron.errors import EngineError, SettingsError
from patron.lake.label_history import History, schema
from patron.pipeline.preload import Preload
from patron.predict import sentiment
from patron.predict import stage as predictions
from patron.predict.outcome import Outcome
from patron.transform.compile_cache import load_compiled
from patron.transform.fingerprint import list_gold_tables
from patron.transform.graph import find_prediction_readers, select_nodes, with_ancestors
from patron.transform.materialize import Materializer
from patron.transform.node import Node
from patron.transform.render.rendered import Rendered
from patron.transform.render.source_schema import read_source_shapes
from patron.transform.stale_sources import find_new_sources, find_stale_sources
from patron.transform.state import BuildRecord, Built

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator

    import pyarrow as pa

    from patron.engines.engine import Warehouse
    from patron.lake import Lake
    from patron.project.project import Project
    from patron.transform.materialize import OnProgress
    from patron.transform.plan import Plan


REQUESTED_AS_OF = ("meta", "requested_as_of")
"""The table of one row with the day to measure the others at: an ISO date, or latest."""

PREDICTION_SETTINGS = "settings.predictions"
"""The name by which the record of a build knows the settings that no model's SQL shows."""

_READ_BY_PREDICTIONS = ("predictions", "clv", "shop")

_CHECKED_SCHEMAS = ("staging", "silver", "quarantine")
_CHECKED_MEASURES = ("as_of", "ledger", "order_measures")
"""What the checks of rows read."""


_ROWS_AT_ONCE = 200_000


class Builder:
    """The steps of a build, in this order: expose, plan, build, finish (or finish_selection).

    run_tests: whether to run the data tests, too.
    """

    def __init__(
        self,
        project: Project,
        lake: Lake,
        warehouse: Warehouse,
        record: BuildRecord,
        *,
        run_tests: bool = True,
        preload: Preload | None = None,
    ) -> None:
        self.project, self.lake, self.warehouse, self.record = project, lake, warehouse, record
        self._run_tests, self._preload = run_tests, preload or Preload()
        self._before = record.complete if record.is_complete else None
        self._warehouse_id, self._number = "", 0
        self._nodes: list[Node] = []
        self.outcomes: list[Outcome] = []
        self.seconds: dict[str, float] = {}

    def compile(self, rendered: Rendered) -> None:
        """Compile the rendered project, if that was not done before."""

        def compile_nodes() -> list[Node]:
            from patron.transform.compile.compile_project import compile_project

            return compile_project(rendered.read_files(), find_dialect(self.warehouse.dialect))

        self._nodes = load_compiled(self.project.compiled, rendered.fingerprint, compile_nodes)

    def plan(self, rendered: Rendered) -> Plan:
        """Plan what to do again.

        Gold is always rebuilt: it is what is published, and the next run undoes whatever was changed in its tables by
        hand. So are views, which cost nothing and which an engine may forget.
        """
        self.compile(rendered)
        plan = self._make_plan()
        views = [node.name for node in self._nodes if node.materialized == "view"]
        return replace(plan, unchanged=plan.unchanged.difference(list_gold_tables(self.project), views))

    def _make_plan(self) -> Plan:
        from patron.transform import plan as plans

        ids = self._lake_ids()
        why = plans.explain_full_build(self.record, ids, self.lake.next_batch_id() - 1, self._read_identity())
        why = why or self._find_damage()
        if why:
            self._warehouse_id, self._number = uuid.uuid4().hex, 0
            return plans.Plan([why], None)
        complete = self.record.complete
        assert complete is not None
        self._warehouse_id, self._number = complete.warehouse_id, complete.number
        last = self._last_batches()
        arrived = [source for source, batch in last.items() if batch > complete.since_batch]
        stale = self._find_stale_sources(complete.since_batch, last)
        return plans.plan_incremental(self.record, self._tables(), stale, arrived)

    def _find_damage(self) -> str:
        """Say which tables cannot be kept, since their files were damaged; gold is made again in any case."""
        damaged = [name for name in self.warehouse.find_damaged_tables() if not name.startswith("gold.")]
        return f"tables of the warehouse were damaged: {', '.join(damaged)}" if damaged else ""

    def _tables(self) -> list[Node]:
        return [node for node in self._nodes if node.kind != "test"]

    def build(
        self, plan: Plan, select: str | None, on_progress: OnProgress, check_rows: Callable[[], None] = lambda: None
    ) -> list[Node]:
        """Build by the plan; return the models and seeds that were built and the data tests that passed.

        select: only these, as dbt selects them. check_rows: called once all of silver is built, before anything is
        predicted; not with a selection.

        Raises SettingsError if the selection is empty; EngineError and CheckFailedError, after which the next build
        continues where this one stopped.
        """
        wanted = self._select(select) if select else None
        self.record.begin(plan.full)
        if plan.full is None:
            self._write_identity()
        nodes = [node for node in self._nodes if self._run_tests or node.kind != "test"]
        if wanted is not None:
            return self._materialize(plan, [node for node in nodes if node.name in wanted], on_progress)
        return self._build_around_predictions(
            plan, [node for node in nodes if not self.is_left_alone(node, plan)], on_progress, check_rows
        )

    @staticmethod
    def is_left_alone(node: Node, plan: Plan) -> bool:
        """Whether a node is a model that the plan leaves alone, or a data test that reads only such models."""
        return _is_among(node, plan.unchanged)

    def _select(self, select: str) -> set[str]:
        wanted = select_nodes(self._nodes, select)
        if not wanted:
            do = "name models, such as customer_360; +customer_360 is also what it reads, customer_360+ what reads it"
            raise SettingsError("No model is called that.", where=f"--select {select!r}", do=do)
        return wanted - self._find_tests_of_missing(wanted)

    def _find_tests_of_missing(self, wanted: set[str]) -> set[str]:
        """Find the data tests that read a table which is neither selected nor there yet."""
        missing = {
            node.name
            for node in self._tables()
            if node.name not in wanted and not self.warehouse.exists(node.schema, node.name)
        }
        return {node.name for node in self._nodes if node.kind == "test" and missing.intersection(node.parents)}

    def expose(self, as_of: str) -> None:
        """Make the lake, the history, the predictions and the requested day readable. as_of: an ISO date, or latest."""
        import pyarrow as pa

        with self.warehouse.hold_open():
            self.warehouse.write(*REQUESTED_AS_OF, pa.table({"as_of": [as_of]}))
            self.warehouse.expose_bronze(self.lake, self.project.settings.sources)
            self.warehouse.expose_history(History(self.project.history))
            sentiment.prepare(self.warehouse)
            predictions.prepare(self.warehouse)

    def _has_texts(self) -> bool:
        """Whether a source has texts to score between silver and gold."""
        return "review_text" in self.project.mapped_columns().get("reviews", [])

    def _materialize(self, plan: Plan, nodes: list[Node], on_progress: OnProgress) -> list[Node]:
        self._materializer(plan).build(nodes, on_progress)
        return nodes

    def _materializer(self, plan: Plan) -> Materializer:
        return Materializer(self.warehouse, self._nodes, plan, self.project.compiled, self.seconds)

    def _build_around_predictions(
        self, plan: Plan, nodes: list[Node], on_progress: OnProgress, check_rows: Callable[[], None]
    ) -> list[Node]:
        """Build silver and what predictions read; then predict, and beside it build what reads no predictions; then the
        rest.
        """
        read = [
            node.name
            for node in self._tables()
            if node.place.startswith(predictions.INPUTS) or node.schema in _CHECKED_SCHEMAS
        ]
        inputs = with_ancestors(self._nodes, [*read, *predictions.READS, *_CHECKED_MEASURES])
        first = [node for node in nodes if _is_among(node, inputs)]
        left = _without(nodes, first)
        beside = _without(left, find_prediction_readers(self._nodes))
        with self.warehouse.hold_open():
            self._materialize(plan, first, on_progress)
            check_rows()
            if self._has_texts():
                sentiment.score_new_texts(self.warehouse)
            self._predict_beside(plan, beside, on_progress)
            return [*first, *beside, *self._materialize(plan, _without(left, beside), on_progress)]

    def _predict_beside(self, plan: Plan, nodes: list[Node], on_progress: OnProgress) -> None:
        """Predict, which is mostly Python on one core, while another thread builds these models.

        If predictions fail, the models are interrupted. If a model fails, predictions still run to their end: a fitted
        model is kept, and the next run need not fit it again.
        """
        materializer = self._materializer(plan)
        self._preload.wait_for_all()
        with ThreadPoolExecutor(1) as thread:
            built = thread.submit(materializer.build, nodes, on_progress, max(1, self.warehouse.models_at_once // 2))
            try:
                self.outcomes = predictions.predict(self.project, self.warehouse)
            except BaseException:
                while not built.done():
                    materializer.stop()
                    wait([built], 0.1)
                raise
            built.result()

    def remember(self) -> None:
        """Record the labels that this build gave customers, and the days on which they were observed."""
        import pyarrow as pa

        days = sorted({day["as_of_date"] for day in self.warehouse.query(_OBSERVED).to_pylist()})
        if days:
            changes = pa.RecordBatchReader.from_batches(schema(), self._list_changes(days))
            History(self.project.history).record(changes, days)

    def _list_changes(self, days: list[dt.date]) -> Iterator[pa.RecordBatch]:
        """Yield a mark for each day, and then customers' new labels, which may be as many as there are customers."""
        import pyarrow as pa

        kinds = schema()
        yield from pa.Table.from_pylist([{"as_of_date": day} for day in days], kinds).to_batches()
        for rows in self.warehouse.batches(_RECENT, _ROWS_AT_ONCE):
            yield from rows.select(kinds.names).cast(kinds).to_batches()

    def finish(self, fingerprint: str) -> str:
        """Record that the tables are complete; return the day that they are measured at."""
        as_of = self._read_as_of_date()
        self._number += 1
        self._write_identity()
        self.record.end(
            Built(
                warehouse_id=self._warehouse_id,
                number=self._number,
                fingerprint=fingerprint,
                since_batch=self.lake.next_batch_id() - 1,
                as_of_date=as_of,
                lake=self._lake_ids(),
                definitions={
                    **{node.name: node.definition for node in self._tables()},
                    PREDICTION_SETTINGS: self._hash_prediction_settings(),
                },
            )
        )
        return as_of

    def finish_selection(self, fingerprint: str) -> None:
        """Record that a selection was built. If nothing is new, the tables are as complete as they were before."""
        if self._before is not None and self._before.fingerprint == fingerprint:
            self.record.restore(self._before)

    def _hash_prediction_settings(self) -> str:
        settings = self.project.settings.model_dump_json(include=set(_READ_BY_PREDICTIONS))
        return hashlib.sha256(settings.encode()).hexdigest()[:32]

    def _last_batches(self) -> dict[str, int]:
        """Source -> its last landing."""
        tables = {source: self.lake.table(source) for source in self.project.settings.sources}
        return {source: max(table.batch_ids(), default=0) for source, table in tables.items()}

    def _find_stale_sources(self, since_batch: int, last: dict[str, int]) -> list[str]:
        """Find the sources whose older rows look up other values now than when the tables were built."""
        new = find_new_sources(self.project, last, since_batch)
        if not new:
            return []
        return find_stale_sources(
            self.project, read_source_shapes(self.project, self.lake), self.warehouse, since_batch, new
        )

    def _lake_ids(self) -> dict[str, str]:
        return {source: self.lake.table(source).id() for source in self.project.settings.sources}

    def _write_identity(self) -> None:
        import pyarrow as pa

        self.warehouse.write("meta", "built", pa.table({"id": [self._warehouse_id], "number": [self._number]}))

    def _read_identity(self) -> tuple[str, int] | None:
        """The id of the warehouse and how often it was built, as its own table says; None if there is none."""
        try:
            if not self.warehouse.exists("meta", "built"):
                return None
            row = self.warehouse.query("select id, number from meta.built").to_pylist()[0]
        except (EngineError, IndexError):
            return None
        return str(row["id"]), int(row["number"])

    def _read_as_of_date(self) -> str:
        days = self.warehouse.query("select as_of_date from measures.as_of").to_pylist()
        return str(days[0]["as_of_date"]) if days else ""


def _without(nodes: list[Node], others: list[Node]) -> list[Node]:
    left_out = {node.place_and_name for node in others}
    return [node for node in nodes if node.place_and_name not in left_out]


def _is_among(node: Node, names: frozenset[str] | set[str]) -> bool:
    """Whether a node is one of these models, or a data test that reads only these."""
    return names.issuperset(node.parents) if node.kind == "test" else node.name in names


_RECENT = "select * from measures.customer_label_changes where is_recent"
_OBSERVED = """
select as_of_date from measures.as_of where as_of_date is not null
union
select as_of_date from measures.customer_label_changes where is_recent and as_of_date is not null
union
select min(known.as_of_date) from history.label_changes as known, measures.as_of as bounds
where known.as_of_date > bounds.as_of_date having min(known.as_of_date) is not null
"""
