"""The engine that works through a client of a warehouse in the cloud: statements there, rows as Arrow and Parquet."""

from __future__ import annotations

import contextlib
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from patron.engines.clouds.bronze_copy import BronzeCopy
from patron.engines.clouds.environment import Account
from patron.engines.clouds.published_types import convert_published
from patron.engines.clouds.registry import CLOUDS
from patron.engines.engine import SCHEMAS, Warehouse
from patron.errors import EngineError

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.engines.clouds.client import CloudClient
    from patron.lake import Lake
    from patron.lake.label_history import History
    from patron.project.project import Project

_OWN_SCHEMA = "meta"
"""Where relations lie that are named without a schema: those that last for one model."""
_NEW = "__new"
_OF_OTHER_KIND = re.compile(r"\bview\b|\btable\b", re.IGNORECASE)


class CloudWarehouse(Warehouse):
    """Connects at the first statement. One session runs one statement at a time."""

    dialect: ClassVar[str]

    def __init__(self, project: Project) -> None:
        self.settings = project.settings.warehouse
        self._client: CloudClient | None = None
        self._tables: dict[str, set[str]] = {}

    @property
    def client(self) -> CloudClient:
        """The session, with every schema there."""
        if self._client is None:
            account = Account(self.dialect, self.settings.account_values(), f"warehouse.engine: {self.dialect}")
            self._client = CLOUDS[self.dialect](account)
            for schema in SCHEMAS:
                self._client.create_schema(schema)
            self._client.use_schema(_OWN_SCHEMA)
        return self._client

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None
            self._tables.clear()

    def query(self, sql: str) -> pa.Table:
        return self.client.query(sql)

    def write(self, schema: str, table: str, rows: pa.Table) -> None:
        """Load the rows into a table of their own first, so that the old ones are replaced in one step."""
        new = f"{table}{_NEW}"
        self.client.execute(f"create or replace table {schema}.{new} ({self.client.write_columns(rows.schema)})")
        self._load(schema, new, rows)
        self.make_table(schema, table, f"select * from {schema}.{new}")
        self.client.execute(f"drop table {schema}.{new}")

    def append(self, schema: str, table: str, rows: pa.Table) -> None:
        self._load(schema, table, rows)

    def _load(self, schema: str, table: str, rows: pa.Table) -> None:
        import pyarrow.parquet as pq

        if rows.num_rows:
            with tempfile.TemporaryDirectory(prefix="patron-load-") as folder:
                file = Path(folder) / f"{schema}-{table}-{Path(folder).name}.parquet"
                pq.write_table(rows, file)
                self.client.load(schema, table, file)

    def make_table(self, schema: str, table: str, sql: str, *, is_replaced_whole: bool = False) -> bool:  # noqa: ARG002
        self._replace("table", schema, table, sql)
        return False  # none of them says without another query

    def make_view(self, schema: str, table: str, sql: str) -> None:
        self._replace("view", schema, table, sql)

    def _replace(self, kind: str, schema: str, table: str, sql: str) -> None:
        """Replace a table or view; where one of the other kind is in the way, that is dropped first."""
        statement = f"create or replace {kind} {schema}.{table} as {sql}"
        try:
            self.client.execute(statement)
        except EngineError as error:
            is_there = table in self.client.list_tables(schema)
            if not is_there or not _OF_OTHER_KIND.search(error.what):
                raise
            other = "view" if kind == "table" else "table"
            with contextlib.suppress(EngineError):  # of the kind that it should be, the statement itself is wrong
                self.client.execute(f"drop {other} {schema}.{table}")
            self.client.execute(statement)
        self._tables.setdefault(schema, self.client.list_tables(schema) if schema not in self._tables else set())
        self._tables[schema].add(table)

    def replace_groups(
        self, table: str, sql: str, columns: Sequence[str], groups: str, *, removed: str | None = None
    ) -> None:
        """A merge is one step: the old rows of each group are matched, and its new rows match nothing."""
        own = self._list_columns(table)
        same = " and ".join(f"old_rows.{column} = redone.{column}" for column in columns)
        if removed:
            self.client.execute(
                f"insert into {removed} select old_rows.* from {table} as old_rows "
                f"inner join {groups} as redone on {same}"
            )
        old = ", ".join(name if name in columns else f"null as {name}" for name in own)
        matched = " and ".join(f"old_rows.{column} = new_rows.{column}" for column in columns)
        self.client.execute(
            f"merge into {table} as old_rows using ("
            f"select {', '.join(own)}, 1 as _is_new from ({sql}) as computed "
            f"union all select {old}, 0 as _is_new from {groups} as redone"
            f") as new_rows on new_rows._is_new = 0 and {matched} "
            f"when matched then delete when not matched and new_rows._is_new = 1 then insert ({', '.join(own)}) "
            f"values ({', '.join(f'new_rows.{name}' for name in own)})"
        )

    def _list_columns(self, table: str) -> list[str]:
        return list(self.client.query(f"select * from {table} where 1 = 0").column_names)

    def empty(self, table: str) -> None:
        self.client.execute(f"delete from {table} where 1 = 1")

    @contextlib.contextmanager
    def create_temporary(self, name: str, sql: str) -> Iterator[str]:
        """A table of the schema of the session, since a temporary one has no place in some engines."""
        self.client.execute(f"create or replace table {_OWN_SCHEMA}.{name} as {sql}")
        yield name
        self.client.execute(f"drop table if exists {_OWN_SCHEMA}.{name}")

    def exists(self, schema: str, table: str) -> bool:
        if schema not in self._tables:
            self._tables[schema] = self.client.list_tables(schema)
        return table in self._tables[schema]

    def expose_bronze(self, lake: Lake, sources: Iterable[str]) -> None:
        """Load what landed since the last time: these engines do not read the lake of this machine."""
        for source in sources:
            BronzeCopy(self.client, source, lake.table(source)).bring_up_to_date()

    def expose_history(self, history: History) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        from patron.lake.label_history import schema

        wanted = schema()
        parts = [pq.read_table(path).select(wanted.names).cast(wanted) for path in history.files()]
        self.write("history", "label_changes", pa.concat_tables(parts) if parts else wanted.empty_table())

    def export(self, schema: str, tables: Iterable[str], folder: Path) -> Mapping[str, int]:
        import pyarrow.parquet as pq

        counts = {}
        for table in tables:
            rows = convert_published(self.query(f"select * from {schema}.{table}"))
            pq.write_table(rows, folder / f"{table}.parquet", compression="zstd")
            counts[table] = rows.num_rows
        return counts

    def contents(self, schema: str, tables: Sequence[str]) -> dict[str, str]:
        """By hashes of rows that are read, since each engine would hash them in its own way, or not at all."""
        return {table: self._describe_contents(schema, table) for table in tables}

    def _describe_contents(self, schema: str, table: str) -> str:
        import duckdb

        rows = convert_published(self.query(f"select * from {schema}.{table}"))
        with duckdb.connect() as engine:
            engine.register("published_rows", rows)
            hashed = "select coalesce(sum(hash(every_row)::hugeint), 0)::text from published_rows as every_row"
            found = engine.execute(hashed).fetchall()[0][0]
        return f"{rows.num_rows:,} rows, {found}, {[(field.name, str(field.type)) for field in rows.schema]}"

    def drop_built(self) -> None:
        for schema in SCHEMAS:
            self.client.execute(f"drop schema if exists {schema} cascade")
        self.close()

    def dbt_profile(self) -> dict[str, Any]:
        from patron.engines.clouds.profiles import build_profile

        return build_profile(self.dialect, self.settings.account_values())
