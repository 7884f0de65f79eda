"""Tables of DuckDB's warehouse that are kept as Parquet files, each behind a view of the table's name.

DuckDB takes two to three times as long to write a table into its own file as into Parquet, and what is gold has to be
Parquet anyway. So a table that is only ever replaced in whole is written once, as <schema>.<table>-<hash>.parquet: the
view moves to the new file in one step, and publishing links it. A file's name holds the hash of its bytes.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

PARQUET = "format parquet, compression zstd, compression_level 1"
"""Level 3, the default, takes 40% longer for files of the same size."""

_KEPT_TYPES = re.compile(
    r"BOOLEAN|TINYINT|SMALLINT|INTEGER|BIGINT|FLOAT|DOUBLE|VARCHAR|DATE|TIMESTAMP|DECIMAL\(\d+,\d+\)"
)
"""The types that come back from Parquet as they went in. A hugeint, for one, would come back as a double."""

_VIEWS = "select schema_name, view_name, sql from duckdb_views() where not internal and contains(sql, '.parquet')"


@dataclass(frozen=True)
class WrittenFile:
    """A file that was written, and how many rows it holds."""

    path: Path
    rows: int


class TableFiles:
    """The files of one warehouse. folder: where they are; it is made when the first one is written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, connection: duckdb.DuckDBPyConnection, schema: str, table: str, sql: str) -> WrittenFile | None:
        """Write the rows of one select to a new file; None if Parquet cannot keep one of its types.

        Raises OSError and duckdb.Error, after which nothing is left of it.
        """
        if not all(_KEPT_TYPES.fullmatch(str(kind)) for kind in connection.sql(f"select * from (\n{sql}\n)").types):
            return None
        self.folder.mkdir(parents=True, exist_ok=True)
        new = self.folder / f".{schema}.{table}-{uuid.uuid4().hex}.new"
        try:
            ((rows,),) = connection.execute(f"copy (\n{sql}\n) to {_quote(new)} ({PARQUET})").fetchall()
            return WrittenFile(new.rename(self.folder / f"{schema}.{table}-{_hash(new)}.parquet"), int(rows))
        finally:
            new.unlink(missing_ok=True)

    def select(self, path: Path) -> str:
        """Write the select of a file's rows, for its view."""
        return f"select * from read_parquet({_quote(path)})"

    def delete(self, schema: str, table: str, *, but: Path | None = None) -> None:
        """Delete every file of a table, `but` its current one, and what a killed run left of it."""
        kinds = ((f"{schema}.{table}-", ".parquet"), (f".{schema}.{table}-", ".new"))
        for path in self.folder.iterdir() if self.folder.is_dir() else ():
            is_of_table = any(path.name.startswith(begin) and path.name.endswith(end) for begin, end in kinds)
            if is_of_table and path != but:
                path.unlink(missing_ok=True)

    def find_current(self, connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, str, Path]]:
        """Yield schema, table and file of each table that is kept as one."""
        for schema, table, sql in connection.execute(_VIEWS).fetchall():
            name = re.escape(f"{schema}.{table}-")
            if found := re.search(rf"read_parquet\('((?:[^']|'')*/{name}[0-9a-f]+\.parquet)'\)", sql):
                yield schema, table, Path(found[1].replace("''", "'"))

    def follow_folder(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Let every view read the file in this folder, if the project was moved or copied since.

        A view whose own file is damaged or gone stays as it is, and `find_damaged` lists it.
        """
        import duckdb

        for schema, table, path in list(self.find_current(connection)):
            if path.parent != self.folder:
                own = self.select(self.folder / path.name)
                with contextlib.suppress(duckdb.Error):  # a new view looks at its file at once
                    connection.execute(f"create or replace view {schema}.{table} as {own}")

    def find_damaged(self, connection: duckdb.DuckDBPyConnection) -> list[str]:
        """List the tables whose file is gone or does not hold the bytes that were written, as <schema>.<table>."""
        return [
            f"{schema}.{table}"
            for schema, table, path in self.find_current(connection)
            if path.parent != self.folder or not _is_intact(path)
        ]


def _is_intact(path: Path) -> bool:
    try:
        return path.stem.rsplit("-", 1)[-1] == _hash(path)
    except OSError:
        return False


def _hash(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def _quote(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
