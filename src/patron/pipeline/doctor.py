"""Diagnose a project and its machine, and say what to fix."""

from __future__ import annotations

import platform
import shutil
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from patron.errors import PatronError
from patron.pipeline.check.finding import Finding
from patron.project.project import Project

_LIBRARIES = ("duckdb", "deltalake", "jinja2", "pyarrow", "sqlglot", "pydantic")
_LEAST_FREE_GB = 1.0


def diagnose(folder: Path) -> list[Finding]:
    """Check the machine, the settings, the sources and what is built so far. Changes nothing."""
    return [*_check_machine(folder), *_check_project(folder)]


def _check_machine(folder: Path) -> Iterator[Finding]:
    is_new = sys.version_info >= (3, 11)
    about = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    yield Finding("machine", "python", "pass" if is_new else "fail", about)
    yield _check_libraries()
    free = shutil.disk_usage(folder if folder.exists() else Path.cwd()).free / 1e9
    yield Finding("machine", "disk", "pass" if free > _LEAST_FREE_GB else "fail", f"{free:,.1f} GB free")
    java = shutil.which("java")
    yield Finding(
        "machine", "spark", "pass", "Java found" if java else "no Java; needed only for warehouse.engine: spark"
    )


def _check_libraries() -> Finding:
    installed, missing = [], []
    for name in _LIBRARIES:
        try:
            installed.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            missing.append(name)
    if missing:
        return Finding("machine", "libraries", "fail", f"not installed: {', '.join(missing)}; reinstall patron")
    return Finding("machine", "libraries", "pass", ", ".join(installed))


def _check_project(folder: Path) -> Iterator[Finding]:
    try:
        project = Project.load(folder)
    except PatronError as error:
        yield _fail("patron.yaml", error)
        return
    about = f"{project.settings.shop.name}: {', '.join(project.mapped_entities())}"
    yield Finding("project", "patron.yaml", "pass", about)
    yield _check_expressions(project)
    yield from _check_sources(project)
    yield from _check_published(project)


def _check_expressions(project: Project) -> Finding:
    from patron.transform.render import dry_run as trial

    name = "expressions and rules"
    try:
        trial.check_before_landing(project)
    except PatronError as error:
        return _fail(name, error)
    return Finding("project", name, "pass", "all can be evaluated")


def _check_sources(project: Project) -> Iterator[Finding]:
    for source in project.settings.sources:
        try:
            yield Finding("project", f"source {source}", "pass", project.connector(source).describe())
        except PatronError as error:
            yield _fail(f"source {source}", error)


def _fail(name: str, error: PatronError) -> Finding:
    return Finding.of_error("project", name, error)


def _check_published(project: Project) -> Iterator[Finding]:
    from patron.publish.snapshot import load_current

    snapshot = load_current(project.published)
    if snapshot is None:
        yield Finding("project", "published", "warn", "nothing published yet; run `patron run`")
    else:
        yield Finding("project", "published", "pass", f"{snapshot.published_at}, as of {snapshot.as_of}")
