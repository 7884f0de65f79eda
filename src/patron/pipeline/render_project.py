"""The rendered project of a run, with the variables of its predictions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.transform.render import rendered

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.engines.engine import Warehouse
    from patron.project.project import Project
    from patron.transform.render.rendered import Rendered


def render_project(project: Project, schemas: dict[str, pa.Schema], warehouse: Warehouse, as_of: str) -> Rendered:
    """Write the project's models into .patron/dbt. schemas: each source's columns. Raises SettingsError."""
    profile = warehouse.dbt_profile()
    return rendered.render_project(
        project, schemas, warehouse.dialect, profile, as_of, collect_prediction_variables(project)
    )


def fingerprint_project(project: Project, schemas: dict[str, pa.Schema], warehouse: Warehouse, as_of: str) -> str:
    """Hash the project as it would be rendered now. Raises SettingsError."""
    from patron.transform.render.dbt_project import hash_files, render_project_files
    from patron.transform.render.source_schema import derive_shapes

    profile, shapes = warehouse.dbt_profile(), derive_shapes(project, schemas)
    return hash_files(
        render_project_files(project, shapes, warehouse.dialect, profile, as_of, collect_prediction_variables(project))
    )


def collect_prediction_variables(project: Project) -> dict[str, str]:
    """Collect the variables that models read about predictions, name -> value."""
    from patron.predict import sentiment

    return {"sentiment_method": sentiment.method()} if "reviews" in project.mapped_entities() else {}
