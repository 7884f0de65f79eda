"""A source's rows in a warehouse in the cloud: a table bronze.<source> that follows the lake."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from patron.engines.duckdb import select_bronze
from patron.errors import EngineError
from patron.lake import TECHNICAL_COLUMNS

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.engines.clouds.client import CloudClient
    from patron.lake import BronzeTable

_BATCH = "_batch_id"


class BronzeCopy:
    """The copy of one source. Rows of new batches are loaded; if the lake was changed otherwise, all are."""

    def __init__(self, client: CloudClient, source: str, table: BronzeTable) -> None:
        self._client, self._source, self._table = client, source, table
        self._place = f"bronze.{source}"

    def bring_up_to_date(self) -> None:
        """Load what is missing. Raises EngineError, also for columns that hold lists or objects."""
        schema = self._table.schema()
        self._refuse_nested(schema)
        since = self._find_last_batch(schema)
        with tempfile.TemporaryDirectory(prefix="patron-bronze-") as folder:
            file = Path(folder) / f"bronze-{self._source}-{Path(folder).name}.parquet"
            if since is not None and not self._write(file, since):
                return
            if since is None or self._is_behind(since, file):
                self._write(file, None)
                own = set(schema.names) - set(TECHNICAL_COLUMNS)
                columns = self._client.write_columns(schema, own)
                self._client.execute(f"create or replace table {self._place} ({columns})")
            self._client.load("bronze", self._source, file)

    def _find_last_batch(self, schema: pa.Schema) -> int | None:
        """Find the newest batch of the copy; None if there is no copy with these columns."""
        if self._source not in self._client.list_tables("bronze"):
            return None
        held = self._client.query(f"select * from {self._place} where 1 = 0").column_names
        if held != [name.lower() for name in schema.names]:
            return None
        rows = self._client.query(f"select count(*) as held, max({_BATCH}) as last_batch from {self._place}")
        return int(rows["last_batch"][0].as_py()) if rows["held"][0].as_py() else None

    def _is_behind(self, since: int, file: Path) -> bool:
        """Whether the copy lacks more than the rows of the file, so that it must be made anew."""
        import pyarrow.parquet as pq

        counted = self._client.query(f"select count(*) as held from {self._place} where {_BATCH} <= {since}")
        new = pq.read_metadata(file).num_rows
        return bool(int(counted["held"][0].as_py()) + new != self._table.row_count())

    def _write(self, file: Path, since: int | None) -> bool:
        """Write the rows of later batches, or all; return whether there is a reason to load."""
        where = "" if since is None else f"where {_BATCH} > {since}"
        with duckdb.connect() as engine:
            engine.execute("set timezone = 'UTC'")
            select = select_bronze(engine, self._table)
            to = str(file).replace("'", "''")
            written = engine.execute(f"copy (select * from ({select}) {where}) to '{to}' (format parquet)").fetchall()
        return since is None or bool(written[0][0]) or self._is_behind(since, file)

    def _refuse_nested(self, schema: pa.Schema) -> None:
        import pyarrow as pa

        nested = [field.name for field in schema if pa.types.is_nested(field.type)]
        if nested:
            what = f"{self._source} has columns that hold lists or objects, such as {nested[0]}."
            do = "use warehouse.engine: duckdb or spark for this shop; `patron export` brings its gold there"
            raise EngineError(what, where=f"warehouse.engine: {self._client.engine}", do=do)
