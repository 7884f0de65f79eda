"""Steps that are not repeated, because nothing that they depend on has changed since.

.patron/unchanged.json holds a hash of the inputs of each such step. A step whose record cannot be read is done again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from patron.files import write_atomically

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.project.project import Project


def hash_inputs(project: Project, schemas: Mapping[str, pa.Schema] | None = None, *more: Any) -> str:
    """Hash a project's settings and rule files, and patron's own code. schemas: the columns of sources, if known.

    Raises SettingsError for a missing rule file.
    """
    from patron.transform.rule_files import find_rule_file

    rules = project.settings.rules
    files = [
        find_rule_file(kind, getattr(rules, kind), project.root) for kind in ("line_kinds", "segments", "countries")
    ]
    digest = hashlib.sha256(_hash_code().encode())
    digest.update(json.dumps([str(project.root), list(map(str, files)), more]).encode())
    digest.update(project.settings.model_dump_json().encode())
    for path in files:
        digest.update(path.read_bytes())
    for source, schema in sorted((schemas or {}).items()):
        digest.update(source.encode() + schema.serialize().to_pybytes())
    return digest.hexdigest()


@cache
def _hash_code() -> str:
    """Hash the state of every file of patron, and the versions of the libraries that read expressions."""
    from importlib.metadata import version

    root = Path(__file__).parents[1]
    files = sorted(path for path in root.rglob("*") if path.suffix in (".py", ".sql", ".yml", ".csv"))
    states = [(str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in files]
    return hashlib.sha256(json.dumps([states, version("duckdb"), version("sqlglot")]).encode()).hexdigest()


class Unchanged:
    """The record of steps that were done: step -> hash of its inputs, and its outcome."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def of(cls, project: Project) -> Unchanged:
        """The record of a project."""
        return cls(project.state / "unchanged.json")

    def get(self, step: str, inputs: str) -> Any:
        """Return the outcome of a step that was done with the same inputs; None if it was not."""
        known = self._read().get(step, {})
        return known.get("outcome") if known.get("inputs") == inputs else None

    def remember(self, step: str, inputs: str, outcome: Any = True) -> None:
        """Record that a step was done, with its outcome (JSON). If the disk is full, the step is repeated next time."""
        known = {**self._read(), step: {"inputs": inputs, "outcome": outcome}}
        with contextlib.suppress(OSError):
            write_atomically(self.path, json.dumps(known))

    def _read(self) -> dict[str, Any]:
        try:
            known = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return known if isinstance(known, dict) else {}
