"""Delta tables: a folder for each, read by Spark, Databricks, Fabric, Trino, DuckDB and others."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from patron.publish.destinations import Export, ExportRequest
from patron.publish.open_formats.export import export_to_folder

if TYPE_CHECKING:
    from patron.project.project import Project

_ROWS = 65_536
_KEEPS_LOG = {"delta.logRetentionDuration": "interval 3650 days"}
"""The keep policy decides which versions stay; Delta's own would forget those older than 30 days."""


class DeltaTables:
    """The tables of a folder in Delta's format. See export.py."""

    name = "delta"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, table: str, file: Path, columns: list[str]) -> int:
        """Write a version whose name is Delta's own number. Rows go through memory some at a time."""
        import pyarrow as pa
        import pyarrow.dataset as ds
        from deltalake import DeltaTable, write_deltalake

        path, source = self.folder / table, ds.dataset(file)
        schema = pa.schema([source.schema.field(name) for name in columns])
        batches = source.scanner(columns=columns, batch_size=_ROWS).to_batches()
        rows = pa.RecordBatchReader.from_batches(schema, batches)
        write_deltalake(path, rows, mode="overwrite", schema_mode="overwrite", configuration=_KEEPS_LOG)
        return int(DeltaTable(path).version())

    def clean(self, table: str, kept: Collection[int | str]) -> None:
        """Delete the files that no kept version holds, those of an export that was killed among them."""
        import shutil

        from deltalake import DeltaTable

        if not kept:
            shutil.rmtree(self.folder / table, ignore_errors=True)
            return
        DeltaTable(self.folder / table).vacuum(
            retention_hours=0,
            dry_run=False,
            enforce_retention_duration=False,
            full=True,
            keep_versions=[int(version) for version in kept],
        )


def export(project: Project, request: ExportRequest) -> Export:
    """Export to a folder of Delta tables, for destinations.py."""
    return export_to_folder(project, request, DeltaTables(Path(request.folder)))
