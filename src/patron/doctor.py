"""Looks a project and its machine over, and says what to mend."""

from __future__ import annotations

import platform
import shutil
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from patron.check import Finding
from patron.errors import PatronError
from patron.project import Project

_LIBRARIES = ("duckdb", "deltalake", "dbt-core", "dbt-duckdb", "pyarrow", "sqlglot", "pydantic")
_LEAST_FREE_GB = 1.0


def examine(folder: Path) -> list[Finding]:
    """Findings on the machine, the settings, the files and what is built so far. Changes nothing."""
    return [*_machine(folder), *_project(folder)]


def _machine(folder: Path) -> Iterator[Finding]:
    version = platform.python_version()
    status = "pass" if sys.version_info >= (3, 11) else "fail"
    yield Finding("machine", "python", status, f"{version} on {platform.system()} {platform.machine()}")  # type: ignore[arg-type]
    installed = [f"{name} {metadata.version(name)}" for name in _LIBRARIES]
    yield Finding("machine", "libraries", "pass", ", ".join(installed))
    free = shutil.disk_usage(folder if folder.exists() else Path.cwd()).free / 1e9
    yield Finding("machine", "disk", "pass" if free > _LEAST_FREE_GB else "fail", f"{free:,.1f} GB free")
    java = shutil.which("java")
    yield Finding(
        "machine", "spark", "pass", "Java found" if java else "no Java; only needed for warehouse.engine: spark"
    )


def _project(folder: Path) -> Iterator[Finding]:
    try:
        project = Project.load(folder)
    except PatronError as error:
        yield Finding("project", "patron.yaml", "fail", " ".join(str(error).split()))
        return
    yield Finding(
        "project", "patron.yaml", "pass", f"{project.settings.shop.name}: {', '.join(project.mapped_entities())}"
    )
    yield from _sources(project)
    yield from _built(project)


def _sources(project: Project) -> Iterator[Finding]:
    from patron.ingest.matching import match_files

    for name, source in project.settings.sources.items():
        files = match_files(source.files, project.data)
        size = sum(file.path.stat().st_size for file in files) / 1e6
        detail = f"{len(files):,} files, {size:,.1f} MB" if files else f"no file matches in {project.data}"
        yield Finding("project", f"source {name}", "pass" if files else "fail", detail)


def _built(project: Project) -> Iterator[Finding]:
    from patron.publish.snapshot import current

    snapshot = current(project.published)
    if snapshot is None:
        yield Finding("project", "published", "warn", "nothing yet; run `patron run`")
    else:
        yield Finding("project", "published", "pass", f"{snapshot.published_at}, as of {snapshot.as_of}")
