"""Iceberg tables: a folder for each and a catalog in SQLite, for Spark, Trino, Snowflake, BigQuery and others."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from patron.publish.destinations import Export, ExportRequest
from patron.publish.open_formats.export import export_to_folder

if TYPE_CHECKING:
    from pyiceberg.catalog.sql import SqlCatalog
    from pyiceberg.table import Table

    from patron.project.project import Project

NAMESPACE = "gold"
CATALOG = "catalog.db"


class IcebergTables:
    """The tables of a folder in Iceberg's format. See export.py."""

    name = "iceberg"

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self._opened: SqlCatalog | None = None

    def write(self, table: str, file: Path, columns: list[str]) -> str:
        """Write a version whose name is the path of its metadata, below the folder. Rows are copied by DuckDB.

        A table whose columns change is a new one: a reader of the old version has its own metadata.
        """
        from pyiceberg.expressions import AlwaysTrue

        data = self.folder / table / "data" / f"{uuid.uuid4().hex}.parquet"
        schema = _copy(file, columns, data)
        found = self._open_table(table, schema)
        with found.transaction() as change:
            if found.current_snapshot() is not None:
                change.delete(AlwaysTrue())
            change.add_files([data.as_uri()], check_duplicate_files=False)
        return str(_find_path(found.metadata_location).relative_to(self.folder))

    def _open_table(self, table: str, schema: Any) -> Table:
        catalog, name = self._catalog(), f"{NAMESPACE}.{table}"
        if catalog.table_exists(name):
            found = catalog.load_table(name)
            if found.schema().as_arrow().equals(_widen(schema)):
                return found
            catalog.drop_table(name)
        return catalog.create_table(name, schema, location=(self.folder / table).as_uri())

    def _catalog(self) -> SqlCatalog:
        from pyiceberg.catalog.sql import SqlCatalog

        if self._opened is None:
            uri = f"sqlite:///{self.folder / CATALOG}"
            self._opened = SqlCatalog("patron", uri=uri, warehouse=self.folder.as_uri())
            self._opened.create_namespace_if_not_exists(NAMESPACE)
        return self._opened

    def clean(self, table: str, kept: Collection[int | str]) -> None:
        """Delete the files that no kept version needs, those of an export that was killed among them."""
        if not kept:
            self._catalog().drop_table(f"{NAMESPACE}.{table}")
            shutil.rmtree(self.folder / table, ignore_errors=True)
            return
        needed = {path for version in kept for path in _list_files(self.folder / str(version))}
        for path in (self.folder / table).rglob("*"):
            if path.is_file() and path not in needed:
                path.unlink()


def _copy(file: Path, columns: list[str], to: Path) -> Any:
    """Copy columns of a Parquet file, and return their Arrow schema."""
    import duckdb
    import pyarrow.parquet as pq

    to.parent.mkdir(parents=True, exist_ok=True)
    listed = ", ".join('"' + name.replace('"', '""') + '"' for name in columns)
    with duckdb.connect(":memory:") as engine:
        source, target = (str(path).replace("'", "''") for path in (file, to))
        engine.execute(
            f"copy (select {listed} from read_parquet('{source}')) to '{target}' (format parquet, compression zstd)"
        )
    return pq.read_schema(to).remove_metadata()


def _widen(schema: Any) -> Any:
    """Return a schema as Iceberg gives it back: text is large_string."""
    import pyarrow as pa

    return pa.schema([field.with_type(pa.large_string()) if field.type == pa.string() else field for field in schema])


def _list_files(metadata: Path) -> Iterator[Path]:
    """List the files that the current snapshot of a metadata file needs."""
    from pyiceberg.table import StaticTable

    table = StaticTable.from_metadata(metadata.as_uri())
    yield metadata
    snapshot = table.current_snapshot()
    if snapshot is not None:
        yield _find_path(snapshot.manifest_list)
        for manifest in snapshot.manifests(table.io):
            yield _find_path(manifest.manifest_path)
            yield from (_find_path(one.data_file.file_path) for one in manifest.fetch_manifest_entry(table.io))


def _find_path(location: str) -> Path:
    return Path(unquote(urlsplit(location).path))


def export(project: Project, request: ExportRequest) -> Export:
    """Export to a folder of Iceberg tables, for destinations.py."""
    return export_to_folder(project, request, IcebergTables(Path(request.folder)))
