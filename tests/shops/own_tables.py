"""Tables of a built shop whose rows a test may change by hand."""

from __future__ import annotations

import duckdb


def make_own(connection: duckdb.DuckDBPyConnection, *tables: str) -> None:
    """Make tables of DuckDB's own out of those that are kept as files, named as <schema>.<table>, with the same rows."""
    for table in tables:
        if connection.execute(
            f"select 1 from duckdb_views() where schema_name || '.' || view_name = '{table}'"
        ).fetchone():
            connection.execute(f"create temp table rows_of_file as from {table}; drop view {table}")
            connection.execute(f"create table {table} as from rows_of_file; drop table rows_of_file")
