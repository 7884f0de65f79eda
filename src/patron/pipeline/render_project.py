"""The rendered project of a run, with the variables of its predictions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from patron.transform.render import rendered
from patron.transform.time_formats.recognize import apply_recorded_formats, recognize_formats

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.engines.engine import Warehouse
    from patron.project.project import Project
    from patron.transform.render.rendered import Rendered


def render_project(project: Project, schemas: dict[str, pa.Schema], warehouse: Warehouse, as_of: str) -> Rendered:
    """Write the project's models into .patron/dbt, with the formats of times that its mappings leave out.

    schemas: each source's columns. Raises SettingsError, also where times can be read in two ways.
    """
    from patron.lake import Lake

    found = recognize_formats(project, Lake(project.lake), schemas)
    made = rendered.render_project(
        *(found.project, schemas, warehouse.dialect, warehouse.dbt_profile(), as_of),
        collect_prediction_variables(project),
    )
    return replace(made, news=found.news)


def fingerprint_project(project: Project, schemas: dict[str, pa.Schema], warehouse: Warehouse, as_of: str) -> str:
    """Hash the project as it would be rendered now. Raises SettingsError."""
    from patron.lake import Lake
    from patron.transform.render.dbt_project import hash_files, render_project_files
    from patron.transform.render.source_schema import derive_shapes

    project = apply_recorded_formats(project, Lake(project.lake))
    profile, shapes = warehouse.dbt_profile(), derive_shapes(project, schemas)
    return hash_files(
        render_project_files(project, shapes, warehouse.dialect, profile, as_of, collect_prediction_variables(project))
    )


def collect_prediction_variables(project: Project) -> dict[str, str]:
    """Collect the variables that models read about predictions, name -> value."""
    from patron.predict import sentiment

    return {"sentiment_method": sentiment.method()} if "reviews" in project.mapped_entities() else {}
