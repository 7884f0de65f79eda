"""The models of a project with what each reads, known before anything has landed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.engines.dialects import find_dialect
from patron.lake import Lake
from patron.pipeline.render_project import collect_prediction_variables
from patron.transform.compile_cache import read_compiled
from patron.transform.fingerprint import resolve_as_of
from patron.transform.render.source_schema import assume_schemas, derive_shapes
from patron.transform.time_formats.recognize import apply_recorded_formats

if TYPE_CHECKING:
    from patron.project.project import Project
    from patron.transform.node import Node


def load_models(project: Project) -> list[Node]:
    """Load the models, seeds and data tests: as the last build compiled them, or else from patron.yaml alone.

    Raises SettingsError.
    """
    nodes = read_compiled(project.compiled)
    known = {source.removeprefix("bronze.") for node in nodes for source in node.sources}
    return nodes if known.issuperset(project.settings.sources) else compile_settings(project)


def compile_settings(project: Project) -> list[Node]:
    """Compile the project with the columns that its mappings read, as if all were text. Raises SettingsError."""
    from patron.engines import open_warehouse
    from patron.transform.compile.compile_project import compile_project
    from patron.transform.render.dbt_project import render_project_files

    warehouse = open_warehouse(project)
    project = apply_recorded_formats(project, Lake(project.lake))
    shapes = derive_shapes(project, assume_schemas(project))
    profile, as_of = warehouse.dbt_profile(), resolve_as_of(project)
    variables = collect_prediction_variables(project)
    files = render_project_files(project, shapes, warehouse.dialect, profile, as_of, variables)
    return compile_project(files, find_dialect(warehouse.dialect))
