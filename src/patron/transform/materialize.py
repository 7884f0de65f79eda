"""Makes tables of compiled models: whole, or only the groups that new rows touch; and asks whether rules hold.

A refreshed model says which columns name its groups (sql/macros/refresh.sql). Their new rows, computed from all of
their input as a full build would, take the place of the old ones in one step: a run that was killed is repeated.
"""

from __future__ import annotations

import contextlib
import csv
import io
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from graphlib import TopologicalSorter
from threading import Thread, get_ident
from typing import TYPE_CHECKING

from patron.errors import CheckFailedError, EngineError, OutOfMemoryError
from patron.transform.node import AS_OF_DATE, SINCE_BATCH, Node

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from patron.engines.engine import Warehouse
    from patron.transform.plan import Plan

Told = Callable[[str, int, int], None]
"""Progress: (node name, nodes done, nodes in all)."""


class Materializer:
    """One build's tables. folder: where the compiled SQL lies, for messages."""

    def __init__(self, warehouse: Warehouse, nodes: Collection[Node], plan: Plan, folder: Path) -> None:
        self.warehouse, self.plan, self.folder = warehouse, plan, folder
        self._models = {node.name: node for node in nodes if node.kind != "test"}
        self._is_stopped = False
        self._threads = set[int]()

    def make(self, nodes: Collection[Node], told: Told, at_once: int | None = None) -> None:
        """Make these models and seeds, each after those that it reads, then see that the rules among them hold.

        at_once: how many side by side; as many as suit the engine where nothing is said. Raises EngineError when a
        model cannot be built, CheckFailedError when a rule does not hold.
        """
        done = 0

        def counted(node: Node) -> None:
            nonlocal done
            done += 1
            told(node.name, done, len(nodes))

        rules = [node for node in nodes if node.kind == "test"]
        broken = []
        with (
            self.warehouse.held_open(),
            ThreadPoolExecutor(at_once or self.warehouse.models_at_once) as threads,
            self._stopped_at_the_first_error(threads),
        ):
            for node in self._in_order(threads, [node for node in nodes if node.kind != "test"]):
                counted(node)
            for rule, holds in zip(rules, threads.map(self._holds, rules), strict=True):
                counted(rule)
                if not holds:
                    broken.append(rule.name)
        if broken:
            raise CheckFailedError(
                f"{len(broken)} data tests do not hold: {', '.join(broken[:5])}.",
                where="the new tables, which were not published",
                do="`patron check` shows the broken rules with their row counts",
            )

    def stop(self) -> None:
        """Have another thread's `make` fail soon: it begins nothing, and what it is at is cut off."""
        self._is_stopped = True
        self.warehouse.interrupt(frozenset(self._threads))

    @contextlib.contextmanager
    def _stopped_at_the_first_error(self, threads: ThreadPoolExecutor) -> Iterator[None]:
        try:
            yield
        except BaseException:
            threads.shutdown(wait=False, cancel_futures=True)
            ended = Thread(target=threads.shutdown)
            ended.start()
            while ended.is_alive():  # an interruption between two statements of a model is none
                self.stop()
                ended.join(0.1)
            raise

    def _in_order(self, threads: ThreadPoolExecutor, nodes: Collection[Node]) -> Iterator[Node]:
        """Each node once it is made, after those that it reads."""
        todo = {node.name: node for node in nodes}
        order = TopologicalSorter({node.name: todo.keys() & set(node.parents) for node in nodes})
        order.prepare()
        running = dict[Future[None], Node]()
        crowded = list[Node]()
        while order.is_active():
            if not crowded:
                running |= {threads.submit(self._made, todo[name]): todo[name] for name in order.get_ready()}
            elif not running:
                running[threads.submit(self._made, crowded[0])] = crowded[0]
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                node = running.pop(future)
                if _had_no_room(future) and node not in crowded:
                    crowded.append(node)  # it is made once more, when nothing else takes memory
                    continue
                future.result()
                crowded = [other for other in crowded if other is not node]
                order.done(node.name)
                yield node

    def _made(self, node: Node) -> None:
        self._go_on()
        try:
            self._make(node)
        except EngineError as error:
            raise self._explained(node, f"The model {node.name} could not be built", error) from error

    def _go_on(self) -> None:
        if self._is_stopped:
            raise EngineError("The build was stopped.", where=str(self.folder), do="run again")
        self._threads.add(get_ident())

    def _make(self, node: Node) -> None:
        warehouse = self.warehouse
        if node.kind == "seed":
            warehouse.write(node.schema, node.name, _seed(node))
        elif node.materialized == "view":
            warehouse.make_view(node.schema, node.name, self._sql(node))
        elif self._is_in_part(node):
            removed = _removed(node) if node.keeps_removed else None
            with self._touched(node) as touched:
                if removed and self.plan.is_complete:
                    warehouse.empty(removed)
                warehouse.replace_groups(
                    f"{node.schema}.{node.name}", self._sql(node), node.refreshed_by, touched, removed=removed
                )
        else:
            warehouse.make_table(node.schema, node.name, self._sql(node))
            if node.keeps_removed:
                schema, table = _removed(node).split(".")
                warehouse.make_table(schema, table, f"select * from {node.schema}.{node.name} where 1 = 0")

    def _holds(self, rule: Node) -> bool:
        """Whether a rule's query finds nothing. In a part, it looks at the groups that were redone."""
        self._go_on()
        looked_at = self._models.get(rule.rules_of)
        try:
            if looked_at is not None and self._is_in_part(looked_at):
                with self._touched(looked_at):
                    return not self.warehouse.query(self._filled(rule.incremental or rule.code)).num_rows
            return not self.warehouse.query(rule.code).num_rows
        except EngineError as error:
            raise self._explained(rule, f"Whether {rule.name} holds could not be asked", error) from error

    def _is_in_part(self, node: Node) -> bool:
        return bool(node.refreshed_by) and self.plan.whole is not None and node.name not in self.plan.whole

    def _sql(self, node: Node) -> str:
        """A model's SQL in this build. What says which lines changed asks how the lines were built."""
        decides = self._models["order_lines"] if node.name == "changed_lines" else node
        return self._filled(node.incremental or node.code) if self._is_in_part(decides) else node.code

    def _filled(self, sql: str) -> str:
        return sql.replace(SINCE_BATCH, str(self.plan.since_batch)).replace(AS_OF_DATE, self.plan.as_of_date)

    @contextlib.contextmanager
    def _touched(self, node: Node) -> Iterator[str]:
        """The groups of a model that new rows touch, one row each; the model's SQL reads them by this name."""
        columns, since = node.refreshed_by, self.plan.since_batch
        if node.follows:
            where = f"{columns[0]} is not null"
            if not node.follows.startswith("changed_"):  # whose every row is a change
                landed = "_touched_batch_id" if node.follows.startswith("newest_") else "_batch_id"
                where += f" and {landed} > {since}"
            followed = self._models[node.follows]
        else:
            followed, where = node, f"{columns[0]} > {since}"
        sql = f"select distinct {', '.join(columns)} from {followed.schema}.{followed.name} where {where}"
        with self.warehouse.named(f"touched_{node.name}", sql) as name:
            yield name

    def _explained(self, node: Node, what: str, error: EngineError) -> EngineError:
        said = " ".join(error.what.split())
        mended = "free some space" if "No space left" in said else error.do or "mend the cause"
        return EngineError(
            f"{what}: {said}",
            where=str(self.folder / f"{node.place}.sql"),
            do=f"{mended} and run again; nothing was published, the last good results still stand",
        )


def _had_no_room(future: Future[None]) -> bool:
    error = future.exception()
    return error is not None and isinstance(error.__cause__, OutOfMemoryError)


def _removed(node: Node) -> str:
    """Rows that are about to be replaced, for those who must know what an order's customer or day was before. They
    stay until a build is complete, so that a run that was killed forgets nothing.
    """
    return f"changes.removed_{node.name}"


def _seed(node: Node) -> pa.Table:
    """A seed's rows. A blank is null."""
    import pyarrow as pa

    header, *rows = csv.reader(io.StringIO(node.code))
    return pa.table(
        {name: _column([row[at] for row in rows], node.column_types[name]) for at, name in enumerate(header)}
    )


def _column(cells: Iterable[str], kind: str) -> pa.Array:
    import pyarrow as pa

    if kind == "bigint":
        return pa.array([int(cell) if cell else None for cell in cells], pa.int64())
    return pa.array([cell or None for cell in cells], pa.string())
