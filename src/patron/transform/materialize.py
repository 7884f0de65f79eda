"""Builds the tables of compiled models, in full or only the groups that new rows affect, and runs the data tests.

An incremental model says which columns name its groups (sql/macros/refresh.sql). The new rows of the affected groups,
computed from all of their input as a full build would, replace the old ones in one step: a run that was killed is
repeated.
"""

from __future__ import annotations

import contextlib
import csv
import io
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from graphlib import TopologicalSorter
from threading import Thread, get_ident
from typing import TYPE_CHECKING

from patron.errors import CheckFailedError, EngineError, OutOfMemoryError
from patron.transform.node import AS_OF_DATE, LISTS_OF_CHANGES, SINCE_BATCH, Node

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from patron.engines.engine import Warehouse
    from patron.transform.plan import Plan

OnProgress = Callable[[str, int, int], None]
"""Called after each node with its name, the number of nodes done, and the number of nodes in all."""


class Materializer:
    """The tables of one build.

    folder: where the compiled SQL lies, for error messages. seconds: takes how long each model or seed took.
    """

    def __init__(
        self,
        warehouse: Warehouse,
        nodes: Collection[Node],
        plan: Plan,
        folder: Path,
        seconds: dict[str, float] | None = None,
    ) -> None:
        self.warehouse, self.plan, self.folder = warehouse, plan, folder
        self.seconds = {} if seconds is None else seconds
        self._models = {node.name: node for node in nodes if node.kind != "test"}
        self._is_stopped = False
        self._threads = set[int]()
        self._empty = set[str]()

    def build(self, nodes: Collection[Node], on_progress: OnProgress, at_once: int | None = None) -> None:
        """Build these models and seeds, each after those that it reads, then run the data tests among the nodes.

        at_once: how many to build side by side; None for as many as suit the engine. Raises EngineError if a model
        cannot be built, CheckFailedError if a data test fails.
        """
        done = 0

        def report(node: Node) -> None:
            nonlocal done
            done += 1
            on_progress(node.name, done, len(nodes))

        tests = [node for node in nodes if node.kind == "test"]
        failed = []
        with (
            self.warehouse.hold_open(),
            ThreadPoolExecutor(at_once or self.warehouse.models_at_once) as threads,
            self._stop_at_first_error(threads),
        ):
            for node in self._build_in_order(threads, [node for node in nodes if node.kind != "test"]):
                report(node)
            for test, has_passed in zip(tests, threads.map(self._run_test, tests), strict=True):
                report(test)
                if not has_passed:
                    failed.append(test.name)
        if failed:
            raise CheckFailedError(
                f"{len(failed)} data tests do not hold: {', '.join(failed[:5])}.",
                where="the new tables, which were not published",
                do="`patron check` shows the broken rules with their row counts",
            )

    def stop(self) -> None:
        """Make another thread's `build` fail soon: it starts no more models, and the running ones are interrupted."""
        self._is_stopped = True
        self.warehouse.interrupt(frozenset(self._threads))

    @contextlib.contextmanager
    def _stop_at_first_error(self, threads: ThreadPoolExecutor) -> Iterator[None]:
        try:
            yield
        except BaseException:
            threads.shutdown(wait=False, cancel_futures=True)
            shutdown = Thread(target=threads.shutdown)
            shutdown.start()
            while shutdown.is_alive():  # an interruption between two statements of a model has no effect
                self.stop()
                shutdown.join(0.1)
            raise

    def _build_in_order(self, threads: ThreadPoolExecutor, nodes: Collection[Node]) -> Iterator[Node]:
        """Yield each node once it is built, after those that it reads.

        A node that runs out of memory beside others is built again when nothing else is running.
        """
        todo = {node.name: node for node in nodes}
        order = TopologicalSorter({node.name: todo.keys() & set(node.parents) for node in nodes})
        order.prepare()
        running = dict[Future[None], Node]()
        to_retry = list[Node]()
        while order.is_active():
            if not to_retry:
                running |= {threads.submit(self._build_node, todo[name]): todo[name] for name in order.get_ready()}
            elif not running:
                running[threads.submit(self._build_node, to_retry[0])] = to_retry[0]
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                node = running.pop(future)
                if _ran_out_of_memory(future) and node not in to_retry:
                    to_retry.append(node)
                    continue
                future.result()
                to_retry = [other for other in to_retry if other is not node]
                order.done(node.name)
                yield node

    def _build_node(self, node: Node) -> None:
        self._check_not_stopped()
        started = time.monotonic()
        try:
            self._materialize(node)
        except EngineError as error:
            raise self._explain(node, f"The model {node.name} could not be built", error) from error
        self.seconds[node.name] = time.monotonic() - started

    def _check_not_stopped(self) -> None:
        if self._is_stopped:
            raise EngineError("The build was stopped.", where=str(self.folder), do="run again")
        self._threads.add(get_ident())

    def _materialize(self, node: Node) -> None:
        if node.kind == "seed":
            self.warehouse.write(node.schema, node.name, _read_seed(node))
        elif node.materialized == "view":
            self.warehouse.make_view(node.schema, node.name, self._choose_sql(node))
        elif self._is_incremental(node):
            self._replace_affected_groups(node)
        else:
            is_replaced_whole = not (node.refreshed_by or node.keeps_removed)
            sql = self._choose_sql(node)
            if self.warehouse.make_table(node.schema, node.name, sql, is_replaced_whole=is_replaced_whole):
                self._empty.add(node.name)
            if node.keeps_removed:
                schema, table = _name_removed_rows(node).split(".")
                self.warehouse.make_table(schema, table, f"select * from {node.schema}.{node.name} where 1 = 0")

    def _replace_affected_groups(self, node: Node) -> None:
        removed = _name_removed_rows(node) if node.keeps_removed else None
        with self._find_affected_groups(node) as groups:
            if removed and self.plan.is_complete:
                self.warehouse.empty(removed)
            table, sql = f"{node.schema}.{node.name}", self._choose_sql(node)
            self.warehouse.replace_groups(table, sql, node.refreshed_by, groups, removed=removed)

    def _run_test(self, test: Node) -> bool:
        """Whether a data test finds no broken rows. After an incremental build, it reads only the affected groups.

        A model that was just made without a row breaks no rule about its rows, and is not asked. Nor is a view whose
        rules follow from those of the tables it selects from, unless its definition is new.
        """
        self._check_not_stopped()
        if test.rules_of in self._empty:
            return True
        model = self._models.get(test.rules_of)
        if model is not None and model.is_tested_once and self._is_kept(model):
            return True
        try:
            if model is not None and self._is_incremental(model):
                with self._find_affected_groups(model):
                    return not self.warehouse.has_rows(self._fill_in(test.incremental or test.code))
            return not self.warehouse.has_rows(test.code)
        except EngineError as error:
            raise self._explain(test, f"The data test {test.name} could not be run", error) from error

    def _is_incremental(self, node: Node) -> bool:
        return bool(node.refreshed_by) and self._is_kept(node)

    def _is_kept(self, node: Node) -> bool:
        """Whether a build before this one built the node by the same definition."""
        return self.plan.full is not None and node.name not in self.plan.full

    def _choose_sql(self, node: Node) -> str:
        """A model's SQL in this build. The models that list the changes follow how order_lines is built."""
        decides = self._models["order_lines"] if node.name in LISTS_OF_CHANGES else node
        return self._fill_in(node.incremental or node.code) if self._is_incremental(decides) else node.code

    def _fill_in(self, sql: str) -> str:
        """The incremental SQL with its placeholders replaced."""
        return sql.replace(SINCE_BATCH, str(self.plan.since_batch)).replace(AS_OF_DATE, self.plan.as_of_date)

    @contextlib.contextmanager
    def _find_affected_groups(self, node: Node) -> Iterator[str]:
        """The groups of a model that new rows affect, one row each; the model's SQL reads them by this name."""
        columns, since = node.refreshed_by, self.plan.since_batch
        if node.follows:
            where = f"{columns[0]} is not null"
            if not node.follows.startswith("changed_"):  # whose every row is a change
                batch_id = "_affected_batch_id" if node.follows.startswith("latest_") else "_batch_id"
                where += f" and {batch_id} > {since}"
            followed = self._models[node.follows]
        else:
            followed, where = node, f"{columns[0]} > {since}"
        sql = f"select distinct {', '.join(columns)} from {followed.schema}.{followed.name} where {where}"
        with self.warehouse.create_temporary(f"affected_{node.name}", sql) as name:
            yield name

    def _explain(self, node: Node, what: str, error: EngineError) -> EngineError:
        cause = " ".join(error.what.split())
        fix = "free some space" if "No space left" in cause else error.do or "fix the cause"
        return EngineError(
            f"{what}: {cause}",
            where=str(self.folder / f"{node.place}.sql"),
            do=f"{fix} and run again; nothing was published, the last good results still stand",
        )


def _ran_out_of_memory(future: Future[None]) -> bool:
    error = future.exception()
    return error is not None and isinstance(error.__cause__, OutOfMemoryError)


def _name_removed_rows(node: Node) -> str:
    """The table of rows that are about to be replaced, for models that need an order's previous customer or day.

    They stay until a build is complete, so that nothing is lost if a run is killed.
    """
    return f"changes.removed_{node.name}"


def _read_seed(node: Node) -> pa.Table:
    """The rows of a seed's CSV text. A blank is null."""
    import pyarrow as pa

    header, *rows = csv.reader(io.StringIO(node.code))
    return pa.table(
        {name: _convert([row[at] for row in rows], node.column_types[name]) for at, name in enumerate(header)}
    )


def _convert(cells: Iterable[str], column_type: str) -> pa.Array:
    import pyarrow as pa

    if column_type == "bigint":
        return pa.array([int(cell) if cell else None for cell in cells], pa.int64())
    return pa.array([cell or None for cell in cells], pa.string())
