"""Checks of a project's expressions and rules, repeated only after a change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.transform.unchanged import Unchanged, hash_inputs

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.lake import Lake
    from patron.project.project import Project


def check_expressions(project: Project) -> None:
    """Check rule files and expressions before any data is read. Raises SettingsError, naming key or file and line."""
    unchanged, inputs = Unchanged.of(project), hash_inputs(project)
    if unchanged.get("expressions", inputs) is None:
        from patron.transform.render import dry_run

        dry_run.check_before_landing(project)
        if project.state.is_dir():  # a first run is not to make the folder before all is checked
            unchanged.remember("expressions", inputs)


def check_expressions_on_columns(project: Project, schemas: dict[str, pa.Schema], lake: Lake) -> None:
    """Check expressions again, on the columns that landed. schemas: source -> its own. Raises SettingsError."""
    unchanged, inputs = Unchanged.of(project), hash_inputs(project, schemas)
    if unchanged.get("expressions on columns", inputs) is None:
        from patron.project.mapping.lookups import add_columns
        from patron.transform.nested_fields import check_nested_fields
        from patron.transform.render import dry_run

        check_nested_fields(project, lake, schemas)
        dry_run.check_after_landing(project, add_columns(project.settings.sources, schemas))
        unchanged.remember("expressions on columns", inputs)
