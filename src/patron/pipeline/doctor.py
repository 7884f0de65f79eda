"""Diagnose a project and its machine, and say what to fix."""

from __future__ import annotations

import datetime as dt
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from patron.errors import PatronError
from patron.pipeline.check.finding import Finding, Status
from patron.project.project import Project
from patron.storage.folder import RemoteFolder

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.transform.render.sample_trial import Trial

_SAMPLE_ROWS = 5_000
_LOOKED_UP_ROWS = 500_000
_LIBRARIES = ("duckdb", "deltalake", "jinja2", "pyarrow", "sqlglot", "pydantic")
_LEAST_FREE_GB = 1.0
_TRIAL = "_doctor"


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
    yield _check_writable(project)
    if isinstance(project.lake, RemoteFolder):
        yield _check_lake(project.lake)
    expressions = _check_expressions(project)
    yield expressions
    sources = list(_check_sources(project))
    yield from sources
    if all(finding.status == "pass" for finding in (expressions, *sources)):
        yield from _try_on_sample(project)
    yield from _check_published(project)


def _check_writable(project: Project) -> Finding:
    """Write a file without a name, which is gone at once."""
    folder = project.state if project.state.exists() else project.root
    try:
        with tempfile.TemporaryFile(dir=folder):
            return Finding("project", "folder", "pass", f"{folder} can be written to")
    except OSError as error:
        detail = f"{folder} cannot be written to ({error.strerror}); `patron run` needs to"
        return Finding("project", "folder", "fail", detail)


def _check_lake(lake: RemoteFolder) -> Finding:
    """Write an object beside the lake's tables, and delete it."""
    try:
        lake.bucket.write(lake.key(_TRIAL), b"")
        lake.bucket.delete(lake.key(_TRIAL))
    except PatronError as error:
        return _fail("lake", error)
    return Finding("project", "lake", "pass", f"{lake.address} can be written to")


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


def _try_on_sample(project: Project) -> Iterator[Finding]:
    """Compute every mapping on a sample of its source, and say how many values do not convert."""
    from patron.transform.render.sample_trial import try_mappings

    try:
        samples = _read_samples(project)
        trials = [] if samples is None else try_mappings(project, samples)
    except PatronError as error:
        yield _fail("mapping on a sample", error)
        return
    for trial in trials:
        yield _judge(project, trial)
    for source, table in (samples or {}).items():
        yield _find_unmapped(project, source, table.column_names)


def _find_unmapped(project: Project, source: str, columns: list[str]) -> Finding:
    from patron.pipeline.inspect import list_unmapped

    unmapped = list_unmapped(project, source, columns)
    if not unmapped:
        return Finding("columns", source, "pass", f"all {len(columns)} are mapped, or listed as left")
    todo = f"map them, or list them under sources.{source}.left with the reason"
    return Finding("columns", source, "warn", f"nothing reads {', '.join(unmapped)}; {todo}")


def _read_samples(project: Project) -> dict[str, pa.Table] | None:
    """Read a sample of each source, and more of those that others look up; None where a source is only read to land."""
    settings, found = project.settings.sources, {}
    looked_up = {lookup.source or name for source in settings.values() for name, lookup in source.lookups.items()}
    for name in settings:
        table = project.connector(name).sample(_LOOKED_UP_ROWS if name in looked_up else _SAMPLE_ROWS)
        if table is None:
            return None
        found[name] = table
    return found


def _judge(project: Project, trial: Trial) -> Finding:
    name = f"{trial.source}: {trial.entity}"
    if not trial.rows:
        return Finding("sample", name, "warn", "no row of the sample belongs to it")
    said = [f"{one.column}: {one.rows:,} of {trial.rows:,} values are {_word(one.reason)}" for one in trial.faults]
    limit = project.settings.quarantine.stop_above_rate
    status: Status = "pass" if not said else "fail" if trial.bad_rows > limit * trial.rows else "warn"
    return Finding("sample", name, status, "; ".join(said) or f"all {trial.rows:,} rows of a sample convert")


def _word(reason: str) -> str:
    """Put a reason of the quarantine in words that follow `values are`."""
    if reason.startswith("nothing found in"):
        return f"without their row: {reason}"
    return "blank" if reason == "required, but blank" else reason


def _fail(name: str, error: PatronError) -> Finding:
    return Finding.of_error("project", name, error)


def _check_published(project: Project) -> Iterator[Finding]:
    from patron.publish.snapshot import load_current

    snapshot = load_current(project.published)
    if snapshot is None:
        yield Finding("project", "published", "warn", "nothing published yet; run `patron run`")
    else:
        day = dt.date.fromisoformat(str(snapshot.as_of)) if snapshot.as_of else None
        is_ahead = day is not None and day > dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)
        detail = f"{snapshot.published_at}, as of {snapshot.as_of}" + (", which is after today" if is_ahead else "")
        yield Finding("project", "published", "warn" if is_ahead else "pass", detail)
