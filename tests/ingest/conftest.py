"""A small data folder with a lake beside it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from patron.ingest.files.land import FileSource, Landing, land_files
from patron.lake import TECHNICAL_COLUMNS, BronzeTable, Lake


@dataclass
class Folder:
    """Where a test writes its files, and the lake that they land in."""

    data: Path
    lake: Lake

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.data / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def land(self, *patterns: str, name: str = "till", **settings: Any) -> Landing:
        source = FileSource(name, patterns or ("*",), **settings)
        return land_files(Lake(self.lake.root), source, root=self.data)

    def rows(self, name: str = "till") -> list[dict[str, Any]]:
        """What the source's table holds, without its technical columns, in order of arrival."""
        own = [c for c in self.lake.table(name).schema().names if c not in TECHNICAL_COLUMNS]
        return self.table(name).sort_by("_row_key").select(own).to_pylist()

    def table(self, name: str = "till") -> pa.Table:
        return _content(self.lake.table(name))

    def rejected(self, name: str = "till") -> list[tuple[str, int, str, str]]:
        """(file, line, reason, raw) of each row that could not be read."""
        table = self.lake.rejected(name)
        rows = _content(table).sort_by("_row_key").to_pylist() if table.exists else []
        return [(row["_source_file"], row["line"], row["reason"], row["raw"]) for row in rows]


def _content(table: BronzeTable) -> pa.Table:
    schema = table.schema()
    parts = [pq.read_table(file, schema=schema) for file in table.files()]
    return pa.concat_tables(parts) if parts else schema.empty_table()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    (tmp_path / "data").mkdir()
    return Folder(tmp_path / "data", Lake(tmp_path / "lake"))
