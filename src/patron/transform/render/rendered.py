"""The rendered project, written again only when something that it is rendered from has changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from patron.transform.unchanged import Unchanged, hash_inputs

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.project.project import Project


@dataclass(frozen=True)
class Rendered:
    """A rendered project.

    path: its folder. fingerprint: a hash of all its files. as_of: the day to measure at, ISO or latest. read_files:
    gives the text of every file by its name, rendered now if it was not yet. news: what was found out while rendering,
    in sentences.
    """

    path: Path
    fingerprint: str
    as_of: str
    read_files: Callable[[], Mapping[str, str]]
    news: tuple[str, ...] = ()


def render_project(
    project: Project,
    schemas: dict[str, pa.Schema],
    dialect: str,
    profile: dict[str, Any],
    as_of: str,
    variables: Mapping[str, Any],
) -> Rendered:
    """Write the project into .patron/dbt, unless the files rendered last from the same inputs are still there.

    schemas: each source's own columns as they landed. profile, variables: see `render_project_files`. Raises
    SettingsError for a wrong rule file or an unknown column.
    """

    def render_files() -> dict[str, str]:
        from patron.transform.render.dbt_project import render_project_files
        from patron.transform.render.source_schema import derive_shapes

        return render_project_files(project, derive_shapes(project, schemas), dialect, profile, as_of, variables)

    unchanged = Unchanged.of(project)
    inputs = hash_inputs(project, schemas, dialect, profile, as_of, variables, _list_formats(project))
    known = unchanged.get("rendered", inputs)
    if known is not None and known["files"] == _read_file_states(project.dbt, known["files"]):
        return Rendered(project.dbt, known["fingerprint"], as_of, render_files)
    from patron.transform.render.dbt_project import hash_files, write_files
    from patron.transform.render.for_dbt.project import add_for_dbt

    files = render_files()
    written = add_for_dbt(project, files, dialect)
    write_files(project.dbt, written)
    fingerprint = hash_files(files)
    unchanged.remember(
        "rendered", inputs, {"fingerprint": fingerprint, "files": _read_file_states(project.dbt, written)}
    )
    return Rendered(project.dbt, fingerprint, as_of, lambda: files)


def _list_formats(project: Project) -> list[list[str]]:
    """The formats of all mappings, some of which are not in the settings but were recognized."""
    return [
        [source, entity, name, *column.format]
        for source, mappings in project.mappings.items()
        for entity, mapping in mappings.entities.items()
        for name, column in mapping.columns.items()
    ]


def _read_file_states(folder: Path, names: Iterable[str]) -> dict[str, list[int]]:
    """Size and time of change of each file that is there."""
    found = {}
    for name in names:
        path = folder / name
        if path.is_file():
            state = path.stat()
            found[name] = [state.st_size, state.st_mtime_ns]
    return found
