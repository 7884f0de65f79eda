"""What files and landed sources hold, before and after they are mapped."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from patron.errors import SourceError
from patron.ingest.profile.describe import TableProfile, describe_table
from patron.ingest.profile.sample import list_data_files, read_sample, try_sample
from patron.lake import TECHNICAL_COLUMNS, BronzeTable, Lake
from patron.project.mapping.left_columns import find_unmentioned
from patron.project.project import Project

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Inspection:
    """Profiles of tables, and the files that cannot be read with the reason.

    unmapped: source -> its columns that nothing in patron.yaml reads; only of landed sources.
    """

    tables: list[TableProfile]
    skipped: dict[str, str]
    unmapped: dict[str, list[str]]

    def as_dict(self) -> dict[str, Any]:
        """The profiles as `patron inspect --json` prints them."""
        tables = [{**asdict(table), "keys": table.keys} for table in self.tables]
        return {"tables": tables, "skipped": self.skipped, "unmapped": self.unmapped}


def inspect_files(paths: list[Path], rows: int | None = None) -> Inspection:
    """Profile files, and the files of folders, by their first rows or all.

    Raises SourceError for a file that is not there or, named itself, cannot be read.
    """
    tables, skipped = list[TableProfile](), dict[str, str]()
    for path in paths:
        if not path.exists():
            raise SourceError(f"There is no {path}.", where=str(path), do="name a file, a folder, or a source")
        root = path if path.is_dir() else path.parent
        for file in list_data_files(path):
            sample = read_sample(file, root, rows) if path.is_file() else try_sample(file, root, rows)
            if isinstance(sample, str):
                skipped[str(file)] = sample
                continue
            tables.append(
                describe_table(
                    sample.display_name,
                    sample.columns,
                    today=_find_today(),
                    is_whole=sample.is_whole,
                    rejected=sample.rejected,
                )
            )
    return Inspection(tables, skipped, {})


def inspect_source(project: Project, source: str, rows: int | None = None) -> Inspection:
    """Profile a source as it landed in bronze. Raises SourceError if it never delivered a row."""
    table = Lake(project.lake).table(source)
    if not table.exists:
        raise project.connector(source).explain_no_rows()
    read = _read_landed(table, rows)
    own = {name: read.column(name) for name in read.column_names if name not in TECHNICAL_COLUMNS}
    profile = describe_table(source, own, today=_find_today(), is_whole=rows is None or read.num_rows < rows)
    return Inspection([profile], {}, {source: list_unmapped(project, source, list(own))})


def list_unmapped(project: Project, source: str, columns: list[str]) -> list[str]:
    """List the columns of a source that nothing reads, and that are not listed as left."""
    return find_unmentioned(project.settings, project.mappings, source, columns)


def _read_landed(table: BronzeTable, rows: int | None) -> pa.Table:
    """Read rows of bronze, in the columns that it has now."""
    import pyarrow.dataset as ds

    dataset = ds.dataset([str(file) for file in table.files()], format="parquet", schema=table.schema())
    return dataset.to_table() if rows is None else dataset.head(rows)


def _find_today() -> dt.date:
    return dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)
