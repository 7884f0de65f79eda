"""The lineage of a project's last build, traced once for each version of its compiled SQL."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from patron.errors import NothingBuiltError
from patron.files import write_atomically
from patron.transform.compile_cache import read_compiled
from patron.transform.lineage.lineage import Lineage, trace_project
from patron.transform.lineage.origin import Origin

if TYPE_CHECKING:
    from patron.project.project import Project
    from patron.transform.node import Node

_FILE = "lineage.json"
_FORMAT = 1


def load_lineage(project: Project) -> Lineage:
    """Load the lineage of all tables that the last build made. Raises NothingBuiltError before the first one."""
    from patron.engines.registry import ENGINES

    nodes = read_compiled(project.compiled)
    if not nodes:
        raise NothingBuiltError("No models are compiled yet.", where=str(project.root), do="run `patron run`")
    path, version = project.compiled / _FILE, _hash_nodes(nodes)
    known = _read(path, version)
    if known is None:
        known = trace_project(nodes, ENGINES[project.settings.warehouse.engine].dialect)
        _write(path, version, known)
    return known


def _hash_nodes(nodes: Sequence[Node]) -> str:
    seals = sorted(f"{node.schema}.{node.name} {node.seal}" for node in nodes if node.kind != "test")
    return hashlib.sha256(json.dumps([_FORMAT, seals]).encode()).hexdigest()


def _read(path: Path, version: str) -> Lineage | None:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["version"] != version:
            return None
        tables = {table: {name: _parse(one) for name, one in made.items()} for table, made in content["tables"].items()}
        return Lineage(tables, {table: tuple(passed) for table, passed in content["passed"].items()})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _parse(entry: list[Any]) -> Origin:
    kind, columns = entry
    return Origin(frozenset((table, name) for table, name in columns), kind)


def _write(path: Path, version: str, lineage: Lineage) -> None:
    """Keep the lineage beside the compiled SQL. A disk that refuses costs the next reader a second."""
    tables = {
        table: {name: [origin.kind, sorted(origin.columns)] for name, origin in columns.items()}
        for table, columns in lineage.tables.items()
    }
    with contextlib.suppress(OSError):
        write_atomically(path, json.dumps({"version": version, "tables": tables, "passed": lineage.passed}))
