"""A warehouse that takes BigQuery's or Databricks' SQL, as far as sqlglot translates it, and holds its tables in DuckDB."""

from __future__ import annotations

import re
from threading import Lock

import duckdb
import pyarrow as pa
import sqlglot
from sqlglot import exp

TABLES = "select lower(table_name) as {name} from information_schema.tables where lower(table_schema) = '{schema}'"


class FakeSql:
    """The warehouse. statements: all that it was given."""

    def __init__(self, dialect: str) -> None:
        self.dialect, self.statements = dialect, list[str]()
        self.engine = duckdb.connect()
        self.engine.execute("create schema meta")
        self.engine.execute("set search_path = 'main,meta'")  # patron's sessions look for names without a schema there
        self._lock = Lock()

    def run(self, sql: str) -> pa.Table:
        """The rows of a select; an empty table of anything else."""
        with self._lock:
            self.statements.append(sql)
            for statement in self._translate(sql):
                done = self.engine.execute(statement)
            return done.to_arrow_table()

    def _translate(self, sql: str) -> list[str]:
        if listed := re.fullmatch(r"show tables in (\w+)", sql):
            return [TABLES.format(name='"tableName"', schema=listed[1])]
        if listed := re.fullmatch(r"select table_name as name from (\w+)\.INFORMATION_SCHEMA\.TABLES", sql):
            return [TABLES.format(name="name", schema=listed[1])]
        if listed := re.fullmatch(
            r"merge into (\S+) as old_rows using \((.*)\) as new_rows on false when .*", sql, re.S
        ):
            return self._replace(listed[1], self._write(sqlglot.parse_one(listed[2], read=self.dialect)))
        if sql.startswith(("use ", "create volume ")):
            return ["select 1 as done where false"]
        tree = sqlglot.parse_one(sql, read=self.dialect)
        if isinstance(tree, exp.Insert) and tree.args.get("overwrite"):
            return self._replace(tree.this.sql("duckdb"), self._write(tree.expression))
        if isinstance(tree, exp.Create):
            tree.set("properties", None)
            for column in tree.find_all(exp.ColumnDef):
                column.set("constraints", None)
        return [self._write(tree)]

    def _replace(self, table: str, select: str) -> list[str]:
        return ["begin", f"delete from {table}", f"insert into {table} {select}", "commit"]

    def _write(self, tree: exp.Expression) -> str:
        return tree.sql("duckdb")

    def load(self, table: str, file: str) -> None:
        """Append the rows of a Parquet file by name."""
        with self._lock:
            self.statements.append(f"load {table}")
            self.engine.execute(f"insert into {table} by name select * from read_parquet('{file}')")
