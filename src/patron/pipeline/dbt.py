"""What dbt needs to build the tables of a project by itself: the rows that landed, and the rendered project."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from patron.errors import SettingsError
from patron.files import translate_disk_errors
from patron.pipeline.render_project import collect_prediction_variables, render_project
from patron.project.lock import lock_project
from patron.transform.check_expressions import check_expressions
from patron.transform.fingerprint import resolve_as_of
from patron.transform.render.source_schema import read_bronze_schemas
from patron.transform.state import BuildRecord

if TYPE_CHECKING:
    from patron.ingest.source import Landing
    from patron.project.project import Project

_OWN_FOLDERS = ("--project-dir", "--profiles-dir")
_READS_NO_PROJECT = ("--help", "-h", "--version", "-V")


def land(project: Project) -> dict[str, Landing]:
    """Land what is new in every source, and build nothing. Raises SettingsError, LockedError, SourceError."""
    from patron.lake import Lake

    check_expressions(project)
    lake = Lake(project.lake)
    with lock_project(project.state, project.lake), translate_disk_errors(project.state):
        return {name: project.connector(name).land(lake) for name in project.settings.sources}


def prepare(project: Project) -> Path:
    """Write the dbt project, and let the warehouse read what has landed; return the project's folder.

    Raises SettingsError, LockedError, EngineError.
    """
    from patron.engines import open_warehouse
    from patron.lake import Lake
    from patron.pipeline.build import Builder

    check_expressions(project)
    with lock_project(project.state, project.lake), translate_disk_errors(project.state):
        lake, warehouse = Lake(project.lake), open_warehouse(project)
        rendered = render_project(project, read_bronze_schemas(project, lake), warehouse, resolve_as_of(project))
        Builder(project, lake, warehouse, BuildRecord(project.built)).expose(rendered.as_of)
    return rendered.path


def write_for_engine(project: Project, engine: str) -> Path:
    """Write the dbt project for a warehouse that patron does not run on; return the project's folder.

    Its sources are the tables bronze.<source> and those of patron's own schemas, under the same names. Raises
    SettingsError, also for an unknown engine.
    """
    from patron.engines.clouds.profiles import build_profile
    from patron.lake import Lake
    from patron.transform.render.dbt_project import render_project_files, write_files
    from patron.transform.render.for_dbt.project import add_for_dbt
    from patron.transform.render.source_schema import derive_shapes
    from patron.transform.time_formats.recognize import recognize_formats

    profile, lake = build_profile(engine), Lake(project.lake)
    schemas = read_bronze_schemas(project, lake)
    known = recognize_formats(project, lake, schemas).project
    shapes, as_of = derive_shapes(known, schemas), resolve_as_of(known)
    files = render_project_files(known, shapes, engine, profile, as_of, collect_prediction_variables(known))
    folder = project.state / f"dbt-{engine}"
    write_files(folder, add_for_dbt(known, files, engine))
    return folder


def run_dbt(project: Project, arguments: Sequence[str], engine: str | None = None) -> int:
    """Run a command of dbt on the project as it is now; return dbt's exit code.

    engine: another warehouse than that of patron.yaml (`write_for_engine`). Raises SettingsError if dbt is not
    installed or folders are named, and the errors of `prepare`.
    """
    named = [word for word in arguments if word.startswith(_OWN_FOLDERS)]
    if named:
        what = f"{named[0]} is for patron to say: dbt runs on this project's own folder."
        raise SettingsError(what, where="the command line", do="name the shop with --project before the dbt command")
    main = _import_dbt()
    if any(word in _READS_NO_PROJECT for word in arguments):
        return _call(main, [*arguments])
    folder = str(prepare(project) if engine is None else write_for_engine(project, engine))
    with lock_project(project.state), _stand_in(Path(folder)):
        return _call(main, [*arguments, "--project-dir", folder, "--profiles-dir", folder])


def _import_dbt() -> Any:
    try:
        from dbt.cli.main import cli
    except ImportError as error:
        do = "pip install 'patron[dbt]'"
        raise SettingsError("dbt is not installed.", where="patron dbt", do=do) from error
    return cli


def _call(main: Any, arguments: list[str]) -> int:
    """dbt's own command line, which says by its exit code how it went."""
    try:
        main(args=arguments, prog_name="patron dbt", standalone_mode=True)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


@contextmanager
def _stand_in(folder: Path) -> Iterator[None]:
    """The paths of the profile are relative to the project's folder, and dbt takes them from where it stands."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
