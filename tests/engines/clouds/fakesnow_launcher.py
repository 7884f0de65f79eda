"""Serves fakesnow over HTTP; by the Python that has it, which is not that of the tests: fakesnow pins another DuckDB.

Prints the port and serves until its standard input ends. What fakesnow 0.12.0 does unlike Snowflake, and what is mended
here, so that neither the models nor the client bend to it:

* a comment of a table or view with a quote in it is a syntax error;
* a timestamp that is null arrives as the first second of 1970;
* sums and averages are taken of doubles, whatever the type of the column: Snowflake's sum of a decimal is a decimal;
* a merge is taken apart into statements that know no conditions on the source: DuckDB's own merge is run instead;
* an answer of several batches is refused;
* an error of DuckDB's that it does not know is answered with 500, which the connector tries again for minutes.
"""

from __future__ import annotations

import importlib
import logging
import sys
from typing import Any

import pyarrow as pa
import snowflake.connector.errors
import sqlglot
from fakesnow import arrow, info_schema, transforms
from fakesnow import server as serve
from fakesnow.cursor import FakeSnowflakeCursor

routes = importlib.import_module("fakesnow.server")  # the module hides the function of its name

_insert_comment = info_schema.insert_table_comment_sql
_to_struct = arrow.timestamp_to_sf_struct
_to_ipc = arrow.to_ipc
_execute = FakeSnowflakeCursor.execute


def insert_comment(catalog: str, schema: str, table: str, comment: str) -> str:
    return _insert_comment(catalog, schema, table, comment.replace("'", "''"))


def to_struct(times: Any) -> pa.Array:
    times = times.combine_chunks() if isinstance(times, pa.ChunkedArray) else times
    filled = _to_struct(times.fill_null(0))
    return pa.StructArray.from_arrays(filled.flatten(), fields=list(filled.type), mask=times.is_null())


def to_ipc(table: pa.Table) -> Any:
    if table.num_rows:
        return _to_ipc(table.combine_chunks())
    sink = pa.BufferOutputStream()
    pa.ipc.new_stream(sink, table.schema).close()
    return sink.getvalue()


def execute(self: Any, command: str, *args: Any, **named: Any) -> Any:
    try:
        return _execute(self, command, *args, **named)
    except snowflake.connector.errors.Error:
        raise
    except Exception as error:
        message = f"fakesnow: {type(error).__name__}: {error}"
        raise snowflake.connector.errors.ProgrammingError(msg=message, errno=1003, sqlstate="42000") from error


def run_merge(expression: Any) -> list[Any]:
    told = sqlglot.parse_one('select 0 as "number of rows inserted"')
    return [expression, told] if isinstance(expression, sqlglot.exp.Merge) else [expression]


if __name__ == "__main__":
    info_schema.insert_table_comment_sql = insert_comment
    transforms.numeric_agg_implicit_cast = lambda expression: expression
    transforms.merge = run_merge
    arrow.timestamp_to_sf_struct = to_struct
    routes.to_ipc = to_ipc
    FakeSnowflakeCursor.execute = execute
    with serve() as server:
        logging.getLogger("uvicorn.access").disabled = True  # standard output is for the port
        print(server["port"], flush=True)
        sys.stdin.read()
