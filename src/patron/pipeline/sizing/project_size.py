"""The size of a project, as its last run published it."""

from __future__ import annotations

from pathlib import Path

from patron.errors import NothingBuiltError
from patron.pipeline.sizing.measured import Shop
from patron.project.project import Project
from patron.publish.manifest import read_manifest
from patron.publish.snapshot import load_current

_LINES = ("order_lines", "orders")


def read_size(project: Project) -> Shop:
    """Read how many lines and customers a project has. Raises NothingBuiltError before the first run."""
    snapshot = load_current(project.published)
    manifest = read_manifest(project.published / snapshot.name) if snapshot else None
    if snapshot is None or manifest is None:
        do = "run `patron run` first, or name a size: patron plan --lines 1e8 --customers 1e7"
        raise NothingBuiltError("Nothing is published yet.", where=str(project.published), do=do)
    lines = sum(one.row_count for one in manifest.accounting if one.entity in _LINES)
    return Shop(max(1, lines), max(1, snapshot.tables.get("customer_360", 0)))


def choose_size(folder: Path, lines: float | None, customers: float | None) -> Shop:
    """Choose the size that is asked for; what is not named is the project's, in proportion to what is.

    Raises SettingsError if there is no project to ask, NothingBuiltError before its first run.
    """
    if lines and customers:
        return Shop(lines, customers)
    own = read_size(Project.load(folder))
    if lines:
        return Shop(lines, max(1.0, own.customers * lines / own.lines))
    return Shop(max(1.0, own.lines * customers / own.customers), customers) if customers else own
