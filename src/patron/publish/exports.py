"""The destinations of gold, by what `patron export --to` names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.engines.clouds.registry import CLOUDS

if TYPE_CHECKING:
    from patron.project.project import Project
    from patron.publish.export_report import Export


def export_gold(project: Project, to: str, *, schema: str = "gold", force: bool = False) -> Export:
    """Bring a schema up to date with the published snapshot, in a warehouse in the cloud or a PostgreSQL server."""
    if to in CLOUDS:
        from patron.publish.clouds.export import export_to_cloud

        return export_to_cloud(project, to, schema=schema, force=force)
    from patron.publish.postgres.export import export_to_postgres

    return export_to_postgres(project, to, schema=schema, force=force)
