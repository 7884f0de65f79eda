"""The Parquet files that are loaded: a published table without personal columns, its rows marked by the load."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from patron.publish.clouds.pointer import LOAD
from patron.transform.model_docs import load_model_docs

if TYPE_CHECKING:
    import pyarrow as pa

_PLAIN = ("BOOLEAN", "BIGINT", "DOUBLE", "DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "VARCHAR")
_WIDER = {
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "UTINYINT", "USMALLINT", "UINTEGER"), "BIGINT"),
    **dict.fromkeys(("HUGEINT", "UBIGINT"), "DECIMAL(38, 0)"),
    "FLOAT": "DOUBLE",
}


@dataclass(frozen=True)
class Shape:
    """A table as it is exported.

    file: its published Parquet. casts: column -> expression of DuckDB. comments: column -> description.
    """

    name: str
    file: Path
    casts: Mapping[str, str]
    comments: Mapping[str, str]
    description: str

    @property
    def definition(self) -> str:
        """Return a hash of columns, types and descriptions."""
        return _hash(repr((self.casts, self.comments, self.description)))

    @property
    def place(self) -> str:
        """Return the table for its loads: another where columns or types differ."""
        return f"{self.name}_{_hash(repr(self.casts))}"

    def write(self, load_id: str, to: Path) -> pa.Schema:
        """Write the file of a load, and return its columns."""
        import pyarrow.parquet as pq

        listed = ", ".join(f'{cast} as "{name}"' for name, cast in self.casts.items())
        mark = f"'{load_id}' as {LOAD}"
        with duckdb.connect() as engine:
            sql = f"copy (select {listed}, {mark} from {_read(self.file)}) to {_quote(to)} (format parquet)"
            engine.execute(sql)
        return pq.read_schema(to)


def derive_shape(name: str, file: Path, left_out: Collection[str]) -> tuple[Shape, set[str]]:
    """Derive how a published table is exported, and which of its columns are left out."""
    with duckdb.connect() as engine:
        types = {row[0]: str(row[1]) for row in engine.execute(f"describe from {_read(file)}").fetchall()}
    yml = load_model_docs(name)
    known = {one["name"]: one["description"] for one in yml.get("columns", [])}
    kept = {column: _cast(column, kind) for column, kind in types.items() if column not in left_out}
    comments = {column: known.get(column, "") for column in kept}
    return Shape(name, file, kept, comments, yml.get("description", "")), left_out & types.keys()


def _cast(column: str, kind: str) -> str:
    if kind in _PLAIN or kind.startswith("DECIMAL("):
        return f'cast("{column}" as {kind})'
    if kind in _WIDER:
        return f'cast("{column}" as {_WIDER[kind]})'
    return f'cast(to_json("{column}") as VARCHAR)'


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _read(file: Path) -> str:
    return f"read_parquet({_quote(file)})"


def _quote(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
