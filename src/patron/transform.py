"""The only caller of dbt: runs the rendered project, or a part of it, inside this process."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import importlib
import io
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

from patron import parsed
from patron.errors import CheckFailedError, EngineError, PatronError


@dataclass
class Node:
    """One model, seed or test as dbt compiled or ran it.

    code: its SQL, or a seed's text. parents: names of the models and seeds that it reads. sources: what else it reads,
    as bronze.receipts. place: its file in the project, without the ending.
    """

    name: str
    kind: str
    status: str
    seconds: float
    message: str
    code: str
    parents: tuple[str, ...]
    sources: tuple[str, ...]
    place: str

    @property
    def definition(self) -> str:
        """The same for the same code, and only for that."""
        return hashlib.sha256(self.code.encode()).hexdigest()[:32]


@dataclass
class TransformResult:
    """All nodes of a dbt run."""

    nodes: list[Node] = field(default_factory=list)
    manifest: Any = None

    def of_kind(self, *kinds: str) -> list[Node]:
        return [node for node in self.nodes if node.kind in kinds]

    @property
    def failed(self) -> list[Node]:
        return [node for node in self.nodes if node.status in ("error", "fail", "runtime error")]


Told = Callable[[str, int, int], None]
"""Progress: (node name, nodes done, nodes in all)."""


def start_importing() -> Thread:
    """Import dbt beside other work: a second of Python, while landing is mostly not Python."""

    def load() -> None:
        with contextlib.suppress(ImportError):  # whoever needs it says what is missing
            importlib.import_module("dbt.cli.main")
            importlib.import_module("dbt.adapters.duckdb")

    thread = Thread(target=load, name="patron-import-dbt")
    thread.start()
    return thread


class Dbt:
    """dbt on one rendered project folder."""

    def __init__(self, folder: Path, logs: Path, warehouse: Path) -> None:
        self.folder, self.logs, self.warehouse = folder, logs, warehouse
        self._manifest: Any = None

    def build(
        self,
        select: str | None = None,
        told: Told | None = None,
        *,
        refresh: str | None = None,
        exclude: str | None = None,
        tested: bool = True,
    ) -> TransformResult:
        """Seeds, models and their tests in order of dependence.

        select, exclude: dbt's selections; tests go with the last of the models that they look at.
        refresh: what is taken in (refresh.Plan.as_environment); None builds everything whole.
        tested: whether tests run, too.
        Raises EngineError when a model cannot be built, CheckFailedError when a test does not hold.
        """
        left_out = ("--exclude", *exclude.split()) if exclude else ()
        if not tested:
            left_out += ("--exclude-resource-type", "test")
        return self._checked(self._invoke("build", select, told, *left_out, refresh=refresh))

    def compile(self) -> TransformResult:
        """Every node as it is when everything is built whole; nothing is run. Raises EngineError."""
        self._manifest = self._invoke("parse", None, None).manifest
        return self._checked(self._invoke("compile", None, None, "--full-refresh"))

    def test(self, told: Told | None = None) -> TransformResult:
        """Only the tests; failures are in the result, not raised."""
        return self._invoke("test", None, told)

    def docs(self) -> Path:
        """Generate dbt's own documentation site and return its index."""
        self._invoke("docs", None, None, "generate", "--static")
        return self.folder / "target" / "static_index.html"

    def parse(self) -> None:
        """Parse the project, without an engine. Raises EngineError."""
        self._invoke("parse", None, None)

    def _invoke(
        self, verb: str, select: str | None, told: Told | None, *more: str, refresh: str | None = None
    ) -> TransformResult:
        from dbt.cli.main import dbtRunner
        from dbt_common.events.event_manager_client import cleanup_event_logger

        cleanup_event_logger()  # importing dbt set up one that writes to standard output until flags are read
        arguments = [
            verb,
            *more,
            *("--project-dir", str(self.folder)),
            *("--profiles-dir", str(self.folder)),
            *("--log-path", str(self.logs)),
            *("--log-level", "none"),
            *("--log-level-file", "info"),
            "--quiet",
        ]
        if verb != "docs":
            arguments.append("--no-write-json")  # the artefacts cost 0.7 s, and only the docs site reads them
        if select:
            arguments += ["--select", *select.split()]
        watch = _Watch(told)
        with self._surroundings(refresh), _no_collections():
            known = self._manifest or parsed.manifest(self.folder)
            outcome = dbtRunner(known, callbacks=[watch.see] if told else []).invoke(arguments)
        if known is None:
            parsed.remember(self.folder)
        if outcome.exception is not None:
            raise _explained(outcome.exception, self.folder)
        return TransformResult(list(self._nodes(outcome.result)), outcome.result if verb == "parse" else None)

    def _nodes(self, result: Any) -> Iterator[Node]:
        for run in getattr(result, "results", None) or []:
            node = run.node
            kind = str(getattr(node, "resource_type", ""))
            code = str(getattr(node, "compiled_code", None) or "")
            if kind == "seed":
                code = (self.folder / node.original_file_path).read_text(encoding="utf-8")
            read = [parent.split(".") for parent in getattr(node, "depends_on_nodes", ())]
            yield Node(
                name=getattr(node, "name", str(node)),
                kind=kind,
                status=str(run.status),
                seconds=float(run.execution_time or 0.0),
                message=_one_line(run.message or ""),
                code=code,
                parents=tuple(parent[-1] for parent in read if parent[0] != "source"),
                sources=tuple(".".join(parent[-2:]) for parent in read if parent[0] == "source"),
                place=_place(node, kind),
            )

    @contextmanager
    def _surroundings(self, refresh: str | None) -> Iterator[None]:
        """Where the warehouse is, no word to dbt's makers, and none on standard output; as it was afterwards."""
        ours = {
            "PATRON_WAREHOUSE": str(self.warehouse),
            "PATRON_SPILL": str(self.warehouse.parent / "spill"),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "DO_NOT_TRACK": "1",
            **({"PATRON_REFRESH": refresh} if refresh else {}),
        }
        before = {name: os.environ.get(name) for name in (*ours, "PATRON_REFRESH")}
        os.environ.pop("PATRON_REFRESH", None)
        os.environ.update(ours)
        complains, logging.raiseExceptions = logging.raiseExceptions, False  # a full disk also refuses dbt's log
        try:
            with contextlib.redirect_stdout(io.StringIO()):  # where dbt shows a traceback, whatever its log level
                yield
        finally:
            logging.raiseExceptions = complains
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value

    def _checked(self, result: TransformResult) -> TransformResult:
        for node in result.failed:
            if node.kind == "test":
                continue
            raise EngineError(
                f"The model {node.name} could not be built: {node.message}",
                where=f"{self.folder / 'target' / 'run'}",
                do=f"{_mend(node.message)} and run again; nothing was published, the last good results still stand",
            )
        tests = [node.name for node in result.failed]
        if tests:
            raise CheckFailedError(
                f"{len(tests)} data tests do not hold: {', '.join(tests[:5])}.",
                where="the new tables, which were not published",
                do="`patron check` shows the broken rules with their row counts",
            )
        return result


@contextmanager
def _no_collections() -> Iterator[None]:
    """Python's search for circles of garbage takes a tenth of a small shop's run: dbt holds millions of objects."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class _Watch:
    """Counts nodes as dbt tells of them."""

    def __init__(self, told: Told | None) -> None:
        self.told, self.total, self.done = told, 0, 0

    def see(self, event: Any) -> None:
        name = event.info.name
        if name == "NodeFinished" and self.told:
            self.done += 1
            self.total = max(self.total, self.done)
            self.told(event.data.node_info.node_name, self.done, self.total)
        elif name in ("LogStartLine", "NodeStart") and hasattr(event.data, "total"):
            self.total = int(event.data.total)


def _place(node: Any, kind: str) -> str:
    """models/gold/customer_360, tests/totals_agree; a model's own rules are tests/gold.customer_360."""
    attached = getattr(node, "attached_node", None)
    if kind == "test" and attached:
        folder = Path(str(node.original_file_path)).parts[1]
        return f"tests/{folder}.{attached.split('.')[-1]}"
    return str(Path(str(getattr(node, "original_file_path", ""))).with_suffix(""))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _explained(error: BaseException, folder: Path) -> BaseException:
    if isinstance(error, PatronError | KeyboardInterrupt):
        return error
    said = _one_line(str(error))
    return EngineError(f"dbt stopped: {said}", where=str(folder), do=f"{_mend(said)} and run again")


def _mend(said: str) -> str:
    return "free some space" if "No space left" in said else "see .patron/logs/dbt.log, mend the cause"
