"""Writes the star schema back to the lake, from the engine that built it: a Delta table for each of its tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from patron.errors import NothingBuiltError, SettingsError
from patron.files import translate_disk_errors
from patron.project.lock import lock_project
from patron.storage.folder import RemoteFolder
from patron.transform.state import BuildRecord

if TYPE_CHECKING:
    from pathlib import Path

    from patron.project.project import Project

FOLDER = "_star"
"""In the lake, where no source can have it: the name of a source begins with a letter."""

_MODELS = "models/gold/star"


def list_star_tables(project: Project) -> list[str]:
    """List the tables of the star schema, as the rendered project has them."""
    return sorted(path.stem for path in (project.dbt / _MODELS).glob("*.sql"))


def find_star_folder(project: Project) -> Path:
    """Return the folder that holds the tables. Raises SettingsError where the lake is in object storage."""
    if isinstance(project.lake, RemoteFolder):
        what = "The star schema can only be written to a lake on this machine."
        do = "export gold instead: patron export"
        raise SettingsError(what, where=project.where("lake"), do=do)
    return project.lake / FOLDER


def write_star(project: Project) -> Mapping[str, int]:
    """Replace each table in the lake in one commit, and return its rows.

    Raises NothingBuiltError where the last build is not complete; SettingsError, LockedError, EngineError.
    """
    from patron.engines import open_warehouse

    folder = find_star_folder(project)
    with lock_project(project.state), translate_disk_errors(project.state):
        if not BuildRecord(project.built).is_complete:
            what = "There is no complete build to take the star schema from."
            raise NothingBuiltError(what, where=str(project.state), do="run `patron run` first")
        warehouse = open_warehouse(project)
        with warehouse.hold_open():
            return warehouse.write_delta("gold", list_star_tables(project), folder)
