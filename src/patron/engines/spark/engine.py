"""Spark: Delta tables under .patron/spark/tables, one folder a schema; on Databricks, tables of a catalog."""

from __future__ import annotations

import contextlib
import json
import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from patron.engines.engine import SCHEMAS, Warehouse
from patron.engines.published_types import find_published_type
from patron.engines.spark import session as spark_session
from patron.errors import EngineError

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

    from patron.lake import Lake
    from patron.lake.label_history import History
    from patron.project.project import Project

T = TypeVar("T")


class SparkWarehouse(Warehouse):
    """The tables are files. The session only knows where they are, and learns it again when it starts."""

    dialect: ClassVar[str] = "spark"
    models_at_once: ClassVar[int] = 4
    """Spark plans each on one core, for longer than it computes a small one."""

    def __init__(self, project: Project) -> None:
        self.folder = project.state / "spark"
        self.tables = self.folder / "tables"
        self.settings = project.settings.warehouse
        self.keeps_files = self.settings.master != "databricks"
        """Whether the tables are folders of ours; else a catalog keeps them."""

    @contextlib.contextmanager
    def _session(self, doing: str) -> Iterator[SparkSession]:
        spark = spark_session.running(self.folder)
        is_new = spark is None
        spark = spark or spark_session.start(self.folder, self.settings)
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException

        try:
            if is_new:
                self._register(spark)
            yield spark
        except (PySparkException, Py4JError) as error:
            lost = spark_session.find_lost_workers(self.folder)
            raise lost or _engine_error(doing, error, self.folder) from error

    def _register(self, spark: SparkSession) -> None:
        """Register the tables that an earlier process left, and delete what one that was killed had not committed.

        Where a catalog keeps the tables, it knows them.
        """
        for schema in SCHEMAS:
            spark.sql(f"create schema if not exists {schema}")
        if not self.keeps_files:
            return
        for folder in sorted(self.tables.glob("*.db/*")):
            name = f"{folder.parent.stem}.{folder.name}"
            if _has_commits(folder):
                spark.sql(f"create table if not exists {name} using delta location '{_escape(folder)}'")
            else:
                shutil.rmtree(folder)

    def query(self, sql: str) -> pa.Table:
        with self._session(sql) as spark:
            return spark.sql(sql).toArrow()

    def has_rows(self, sql: str) -> bool:
        """Ask for one row: a broken rule may be broken by every customer."""
        found = self.query(f"select count(*) as n from (select 1 from ({sql}) limit 1)").to_pylist()
        return bool(found[0]["n"])

    def batches(self, sql: str, rows: int) -> Iterator[pa.Table]:
        """Yield rows from Parquet files that Spark writes and that are read one after another: never all in memory."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        scratch = self.folder / f"rows-{uuid.uuid4().hex}"
        try:
            with self._session(sql) as spark:
                spark.sql(sql).write.parquet(self._locate(scratch))
            for part in sorted(scratch.glob("part-*.parquet")):
                for batch in pq.ParquetFile(part).iter_batches(rows):
                    yield pa.Table.from_batches([batch])
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def write_each(
        self, schema: str, table: str, sql: str, convert: Callable[[pa.Table], pa.Table], columns: pa.Schema
    ) -> int:
        """Let Python beside each executor convert; the rows never meet this process."""
        from patron.engines.spark.converted import Converted

        with self._session(f"writing {schema}.{table}") as spark:
            made = spark.sql(sql).mapInArrow(Converted(convert, columns), _list_columns(columns))
            writer = made.write.format("delta").mode("overwrite").option("overwriteSchema", "true")
            writer.saveAsTable(f"{schema}.{table}")
            return int(spark.table(f"{schema}.{table}").count())

    def write(self, schema: str, table: str, rows: pa.Table) -> None:
        with self._session(f"writing {schema}.{table}") as spark:
            typed = spark.createDataFrame(rows).selectExpr(*(_select_typed(field) for field in rows.schema))
            writer = typed.write.format("delta").mode("overwrite").option("overwriteSchema", "true")
            writer.saveAsTable(f"{schema}.{table}")

    def append(self, schema: str, table: str, rows: pa.Table) -> None:
        with self._session(f"adding to {schema}.{table}") as spark:
            typed = spark.createDataFrame(rows).selectExpr(*(_select_typed(field) for field in rows.schema))
            typed.write.format("delta").mode("append").saveAsTable(f"{schema}.{table}")

    def make_table(self, schema: str, table: str, sql: str, *, is_replaced_whole: bool = False) -> bool:  # noqa: ARG002
        with self._session(f"making {schema}.{table}") as spark:
            spark.sql(f"create or replace table {schema}.{table} using delta as {sql}")
        return self.keeps_files and _is_made_empty(self.tables / f"{schema}.db" / table / "_delta_log")

    def make_view(self, schema: str, table: str, sql: str) -> None:
        with self._session(f"making {schema}.{table}") as spark:
            if self._is_table(spark, schema, table):
                spark.sql(f"drop table {schema}.{table}")
            spark.sql(f"create or replace view {schema}.{table} as {sql}")

    def replace_groups(
        self, table: str, sql: str, columns: Sequence[str], groups: str, *, removed: str | None = None
    ) -> None:
        """A merge is one step: the old rows of each group are matched, and its new rows match nothing."""
        with self._session(f"taking new rows into {table}") as spark:
            own = spark.table(table).columns
            same = " and ".join(f"old_rows.{column} = redone.{column}" for column in columns)
            if removed:
                spark.sql(
                    f"insert into {removed} select old_rows.* from {table} as old_rows "
                    f"inner join {groups} as redone on {same}"
                )
            old = ", ".join(name if name in columns else f"null as {name}" for name in own)
            matched = " and ".join(f"old_rows.{column} = new_rows.{column}" for column in columns)
            spark.sql(
                f"merge into {table} as old_rows using ("
                f"select {', '.join(own)}, 1 as _is_new from ({sql}) as computed "
                f"union all select {old}, 0 as _is_new from {groups} as redone"
                f") as new_rows on new_rows._is_new = 0 and {matched} "
                f"when matched then delete when not matched and new_rows._is_new = 1 then insert ({', '.join(own)}) "
                f"values ({', '.join(f'new_rows.{name}' for name in own)})"
            )

    def empty(self, table: str) -> None:
        with self._session(f"emptying {table}") as spark:
            spark.sql(f"delete from {table}")

    @contextlib.contextmanager
    def create_temporary(self, name: str, sql: str) -> Iterator[str]:
        with self._session(sql) as spark:
            spark.sql(f"create or replace temp view {name} as {sql}")
        yield name
        with self._session(name) as spark:
            spark.catalog.dropTempView(name)

    def exists(self, schema: str, table: str) -> bool:
        """Tables are looked for on disk, so that a run with nothing to do starts no Java; views end with a session."""
        if self._has_files(schema, table):
            return True
        if not self.keeps_files:
            with self._session(f"looking for {schema}.{table}") as spark:
                return bool(spark.catalog.tableExists(f"{schema}.{table}"))
        spark = spark_session.running(self.folder)
        return spark is not None and bool(spark.catalog.tableExists(f"{schema}.{table}"))

    def _has_files(self, schema: str, table: str) -> bool:
        return self.keeps_files and _has_commits(self.tables / f"{schema}.db" / table)

    def _is_table(self, spark: SparkSession, schema: str, table: str) -> bool:
        if self.keeps_files:
            return self._has_files(schema, table)
        name = f"{schema}.{table}"
        return bool(spark.catalog.tableExists(name)) and spark.catalog.getTable(name).tableType != "VIEW"

    def _locate(self, path: Path) -> str:
        """A path as Spark is given it: with file:, since a cluster's own default may be another file system."""
        return path.absolute().as_uri() if self.keeps_files else str(path.absolute())

    def expose_bronze(self, lake: Lake, sources: Iterable[str]) -> None:
        """Views over the lake's Delta tables, which Spark reads as they are."""
        with self._session("exposing bronze") as spark:
            for source in sources:
                path = str(lake.table(source).path.resolve()).replace("`", "``")
                spark.sql(f"create or replace view bronze.{source} as select * from delta.`{path}`")

    def expose_history(self, history: History) -> None:
        from patron.lake.label_history import schema

        path = str(history.path.resolve()).replace("`", "``")
        kinds = {f.name: "date" if f.name == "as_of_date" else "string" for f in schema()}
        columns = ", ".join(f"cast(null as {kind}) as {name}" for name, kind in kinds.items())
        select = f"select * from delta.`{path}`" if history.exists else f"select {columns} where false"
        with self._session("exposing history") as spark:
            spark.sql(f"create or replace view history.label_changes as {select}")

    def export(self, schema: str, tables: Iterable[str], folder: Path) -> Mapping[str, int]:
        with self._session(f"publishing {schema}") as spark:

            def export(table: str) -> int:
                scratch = folder / f"{table}.scratch"
                _write_one_file(spark.table(f"{schema}.{table}"), self._locate(scratch))
                return _take_file(scratch, folder / f"{table}.parquet")

            return self._side_by_side(export, tables)

    def write_delta(self, schema: str, tables: Iterable[str], folder: Path) -> Mapping[str, int]:
        """Executors write the files, so that no row passes through this process."""
        with self._session(f"writing {schema} to {folder}") as spark:
            return {table: _write_delta(spark.table(f"{schema}.{table}"), folder / table) for table in tables}

    def contents(self, schema: str, tables: Sequence[str]) -> dict[str, str]:
        return self._side_by_side(lambda table: self._describe_contents(schema, table), tables)

    def _side_by_side(self, work: Callable[[str], T], tables: Iterable[str]) -> dict[str, T]:
        """Do the same for each table, some at a time: most of the time is planning, on one core."""
        names = list(tables)
        with ThreadPoolExecutor(self.models_at_once) as threads:
            return dict(zip(names, threads.map(work, names), strict=True))

    def _describe_contents(self, schema: str, table: str) -> str:
        with self._session(f"reading {schema}.{table}") as spark:
            frame = spark.table(f"{schema}.{table}")
            names = ", ".join(f"`{name}`" for name in frame.columns)
            hashed = f"count(*) as n, coalesce(sum(cast(xxhash64({names}) as decimal(38, 0))), 0) as h"
            found = frame.selectExpr(*hashed.split(", ", 1)).first()
            return f"{found['n']:,} rows, {found['h']}, {frame.dtypes}"

    def drop_built(self) -> None:
        """Delete the folders; in a catalog, only what says that the tables are whole, so that all are made again."""
        if not self.keeps_files:
            with self._session("forgetting what was built") as spark:
                spark.sql("drop table if exists meta.built")
            return
        spark_session.stop()
        shutil.rmtree(self.tables, ignore_errors=True)

    def dbt_profile(self) -> dict[str, Any]:
        """dbt compiles for Spark; the session that makes the tables is this process's own."""
        return {"type": "spark", "method": "session", "host": "local", "schema": "silver", "threads": 1}

    def close(self) -> None:
        """The session stays, since starting one takes seconds; it ends with the process, or for another project."""


def _has_commits(folder: Path) -> bool:
    """Whether a folder holds a Delta table. One whose first commit was cut short has a log without entries."""
    return any((folder / "_delta_log").glob("*.json"))


def _is_made_empty(log: Path) -> bool:
    """Whether the last commit says that it wrote no rows; Spark's own answer to the statement does not."""
    with max(log.glob("*.json")).open(encoding="utf-8") as lines:
        actions = (json.loads(line) for line in lines)
        said: dict[str, Any] = next((action["commitInfo"] for action in actions if "commitInfo" in action), {})
    return bool(said.get("operationMetrics", {}).get("numOutputRows") == "0")


def _write_one_file(frame: DataFrame, scratch: str) -> None:
    """Write one Parquet file, as DuckDB would, into a folder, as Spark does."""
    typed = frame.selectExpr(*(_select_published(name, kind) for name, kind in frame.dtypes))
    typed.coalesce(1).write.mode("overwrite").option("compression", "zstd").parquet(scratch)


def _take_file(scratch: Path, target: Path) -> int:
    """Move the one file out of its folder, and return its rows."""
    import pyarrow.parquet as pq

    next(scratch.glob("part-*.parquet")).replace(target)
    shutil.rmtree(scratch)
    return int(pq.read_metadata(target).num_rows)


def _write_delta(frame: DataFrame, target: Path) -> int:
    typed = frame.selectExpr(*(_select_published(name, kind) for name, kind in frame.dtypes))
    typed.write.format("delta").mode("overwrite").option("overwriteSchema", "true").save(str(target.resolve()))
    return int(frame.count())


def _list_columns(schema: pa.Schema) -> str:
    """Write Arrow's columns as those of a new table. A time without a zone stays a wall clock."""
    from pyspark.sql.pandas.types import from_arrow_type

    kinds = ((field.name, from_arrow_type(field.type, prefer_timestamp_ntz=True)) for field in schema)
    return ", ".join(f"`{name}` {kind.simpleString()}" for name, kind in kinds)


def _select_typed(field: pa.Field) -> str:
    """Spark takes every time of Arrow's for an instant; one without a zone is a wall clock."""
    naive = str(field.type).startswith("timestamp") and field.type.tz is None
    return f"cast(`{field.name}` as timestamp_ntz) as `{field.name}`" if naive else f"`{field.name}`"


def _select_published(name: str, kind: str) -> str:
    wanted = find_published_type(kind)
    wanted = "timestamp_ntz" if wanted == "timestamp" else wanted
    return f"`{name}`" if wanted == kind else f"cast(`{name}` as {wanted}) as `{name}`"


def _escape(path: Path) -> str:
    return str(path).replace("\\", "\\\\").replace("'", "\\'")


_PY4J = "An error occurred while calling"
_MORE_MEMORY = "raise warehouse.memory_limit in patron.yaml (on a cluster, executor_memory)"


def _engine_error(doing: str, error: Exception, folder: Path) -> EngineError:
    """Translate a Spark error to its first line, with what to do about those that users can fix."""
    said = [line for line in str(error).strip().splitlines() if not line.startswith(_PY4J)]
    text = said[0].removeprefix(": ") if said else type(error).__name__
    if "No space left" in str(error):
        return EngineError(f"No space left on the disk: {text}", where=str(folder), do="free some space and run again")
    if "No module named" in str(error):
        do = "install patron on every worker, and name its Python: export PYSPARK_PYTHON=/path/to/python"
        module = str(error).partition("No module named ")[2].split()[0]
        return EngineError(f"Python beside Spark's executors has no module {module}.", where=doing, do=do)
    if "OutOfMemoryError" in str(error):
        return EngineError(f"Out of memory: {text}", where=doing, do=_MORE_MEMORY)
    return EngineError(text, where=doing, do=f"Spark's own message is in {folder / 'spark.log'}")
