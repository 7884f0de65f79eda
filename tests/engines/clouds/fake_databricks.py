"""A fake of databricks.sql.connect: a connection whose cursors run on a warehouse in DuckDB, with volumes in a folder."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from engines.clouds.fake_sql import FakeSql


class FakeDatabricks:
    """Stands in for the module databricks.sql."""

    Error = duckdb.Error

    def __init__(self, volumes: Path) -> None:
        self.sql, self.volumes = FakeSql("databricks"), volumes
        self.parameters: dict[str, Any] = {}

    def connect(self, **parameters: Any) -> FakeDatabricks:
        self.parameters = parameters
        return self

    def cursor(self) -> FakeCursor:
        return FakeCursor(self)

    def close(self) -> None:
        """Keep the tables."""


class FakeCursor:
    """Runs one statement."""

    def __init__(self, connection: FakeDatabricks) -> None:
        self._connection, self._rows = connection, pa.table({})

    def __enter__(self) -> FakeCursor:
        return self

    def __exit__(self, *_: object) -> None:
        """Keep nothing open."""

    def execute(self, sql: str) -> None:
        place = re.search(r"'(/Volumes/[^']*)'", sql)
        file = self._connection.volumes / place[1].strip("/").replace("/", "-") if place else Path()
        if put := re.fullmatch(r"put '(.*)' into '.*' overwrite", sql):
            assert any(
                put[1].startswith(folder) for folder in self._connection.parameters["staging_allowed_local_path"]
            )
            shutil.copy(put[1], file)
        elif copy := re.match(r"copy into (\S+) from \(select ", sql):
            self._connection.sql.load(copy[1], str(file))
        elif sql.startswith("remove "):
            file.unlink()
        else:
            self._rows = self._connection.sql.run(sql)

    def fetchall_arrow(self) -> pa.Table:
        return self._rows
