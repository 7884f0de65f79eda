"""The only caller of dbt: it compiles the rendered project to SQL. materialize.py makes the tables."""

from __future__ import annotations

import contextlib
import gc
import io
import json
import logging
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from patron.errors import EngineError, PatronError
from patron.transform.compile_cache import AS_OF_DATE, SINCE_BATCH, Node


class Dbt:
    """dbt on one rendered project folder. It reads no table and makes none."""

    def __init__(self, folder: Path, logs: Path, warehouse: Path) -> None:
        self.folder, self.logs, self.warehouse = folder, logs, warehouse

    def compiled(self) -> list[Node]:
        """Every model, seed and rule, each with the SQL of its whole table and that of what changed.

        Raises EngineError where a template is wrong.
        """
        parsed = self._invoke("parse")  # once for both: else the second takes in what the first wrote down
        nodes = self._nodes(self._invoke("compile", parsed=parsed))
        taking_in = ["changed_lines", *(node.name for node in nodes if node.refreshed_by)]
        parts = self._nodes(self._invoke("compile", "--select", *taking_in, parsed=parsed, refresh=_IN_PART))
        in_part = {node.place_and_name: node.code for node in parts}
        return list(_apart(replace(node, in_part=in_part.get(node.place_and_name, "")) for node in nodes))

    def selected(self, select: str) -> set[str]:
        """Names of the models, seeds and rules of a selection in dbt's words."""
        listed = self._invoke("list", "--select", *select.split(), "--output", "name", "--resource-types", "all")
        return set(listed or ())

    def _invoke(self, verb: str, *more: str, parsed: Any = None, refresh: str | None = None) -> Any:
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
            "--no-write-json",  # nobody reads the artefacts, and they cost 0.7 s
        ]
        if verb == "compile":
            arguments += ["--no-introspect", "--no-populate-cache"]
        with self._surroundings(refresh), _no_collections():
            outcome = dbtRunner(manifest=parsed).invoke(arguments)
        if outcome.exception is not None:
            raise _explained(outcome.exception, self.folder)
        return outcome.result

    def _nodes(self, result: Any) -> list[Node]:
        return [self._node(run) for run in result.results]

    def _node(self, run: Any) -> Node:
        node, kind = run.node, str(run.node.resource_type)
        if str(run.status) in ("error", "fail", "runtime error"):
            said = _one_line(run.message or "")
            do = f"{_mend(said)} and run again; nothing was published, the last good results still stand"
            raise EngineError(f"The model {node.name} could not be built: {said}", where=node.original_file_path, do=do)
        code = str(getattr(node, "compiled_code", None) or "")
        if kind == "seed":
            code = (self.folder / node.original_file_path).read_text(encoding="utf-8")
        read = [parent.split(".") for parent in getattr(node, "depends_on_nodes", ())]
        config, meta = node.config, dict(getattr(node.config, "meta", None) or {})
        return Node(
            name=node.name,
            kind=kind,
            place=_place(node, kind),
            schema=str(node.schema),
            code=code,
            parents=tuple(parent[-1] for parent in read if parent[0] != "source"),
            sources=tuple(".".join(parent[-2:]) for parent in read if parent[0] == "source"),
            materialized=str(config.materialized),
            refreshed_by=tuple(meta.get("refreshed_by") or ()),
            follows=meta.get("follows") or "",
            keeps_removed=bool(meta.get("keeps_removed")),
            rules_of=(getattr(node, "attached_node", None) or "").split(".")[-1],
            column_types=dict(getattr(config, "column_types", None) or {}),
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


_IN_PART = json.dumps({"since_batch": SINCE_BATCH, "as_of_date": AS_OF_DATE})
"""What the macros are told (sql/macros/refresh.sql) for the SQL that takes in only what changed."""


@contextmanager
def _no_collections() -> Iterator[None]:
    """Python's search for circles of garbage takes a fourteenth of dbt's time, and finds nothing worth it."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _apart(nodes: Iterable[Node]) -> Iterator[Node]:
    """A model may have several rules: the second and later ones get a place of their own."""
    seen = Counter[str]()
    for node in sorted(nodes, key=lambda node: node.place_and_name):
        seen[node.place] += 1
        yield node if seen[node.place] == 1 else replace(node, place=f"{node.place}-{seen[node.place]}")


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
