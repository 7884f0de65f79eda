"""Refuses every statement but those that only read gold, by what the statement is when DuckDB has parsed it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from patron.errors import SettingsError

if TYPE_CHECKING:
    import duckdb

_TABLE_FUNCTIONS = frozenset({
    *("range", "generate_series", "unnest", "repeat", "repeat_row", "json_each", "json_tree", "pragma_table_info"),
    *("duckdb_columns", "duckdb_functions", "duckdb_keywords", "duckdb_schemas", "duckdb_tables", "duckdb_types"),
    *("duckdb_views", "pg_timezone_names", "icu_calendar_names", "pragma_version", "pragma_show"),
})  # fmt: skip
"""Functions that a from may call. Others read files, or change the connection, as `from enable_logging(...)` does."""

_SIDE_EFFECTS = frozenset({"write_log", "nextval", "currval", "setseed", "getenv", "sleep_ms"})
"""Functions that a select may not call: they change something, wait, or read the environment."""

_DO = "write one select (or with, describe, summarize, show, explain of a select); gold is read-only"


def refuse_other_than_reading(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Raise SettingsError for anything but one statement that reads: a select, or the explanation of one."""
    import duckdb

    if "\0" in sql:
        raise SettingsError("The query holds a NUL byte.", where="the query", do=_DO)
    try:
        kinds = [statement.type for statement in connection.extract_statements(sql)]
        if kinds == [duckdb.StatementType.EXPLAIN]:
            sql = _strip_explain(sql)
            kinds = [statement.type for statement in connection.extract_statements(sql)]
    except duckdb.Error as error:
        raise SettingsError(str(error).strip(), where="the query", do="fix the SQL (DuckDB dialect)") from error
    if kinds != [duckdb.StatementType.SELECT]:
        raise SettingsError("The query is not one select.", where="the query", do=_DO)
    _refuse_functions(_parse(connection, sql))


def _strip_explain(sql: str) -> str:
    """Return what an explain explains. Raises SettingsError for options: `analyze` would run the statement."""
    import duckdb

    text = sql.encode()
    starts = [start for start, _ in duckdb.tokenize(sql)]
    explained = text[starts[1] :].decode() if len(starts) > 1 else ""
    if explained.startswith("(") or explained[:7].lower() in ("analyze", "analyse"):
        what = "The query is not one select: an explain with analyze or other options runs what it explains."
        raise SettingsError(what, where="the query", do="write explain and the select")
    return explained


def _parse(connection: duckdb.DuckDBPyConnection, sql: str) -> Any:
    """Return DuckDB's own parse tree of a select. Raises SettingsError if it has none to show."""
    tree = json.loads(connection.execute("select json_serialize_sql(?::varchar)", [sql]).fetchall()[0][0])
    if tree.get("error"):
        raise SettingsError("The query is not one select.", where="the query", do=_DO)
    return tree


def _refuse_functions(tree: Any) -> None:
    for name, is_table in _find_functions(tree):
        if (is_table and name not in _TABLE_FUNCTIONS) or name in _SIDE_EFFECTS:
            what = f"The query calls {name}(), which reads or changes more than the published tables."
            raise SettingsError(what, where="the query", do="`patron tables` lists the tables")


def _find_functions(tree: Any) -> Iterator[tuple[str, bool]]:
    """Yield the functions that a parse tree calls, and whether as a table."""
    waiting = [(tree, False)]
    while waiting:
        part, is_table = waiting.pop()
        if isinstance(part, list):
            waiting += [(each, False) for each in part]
        elif isinstance(part, dict):
            if isinstance(name := part.get("function_name"), str):
                yield name.lower(), is_table
            is_call = part.get("type") == "TABLE_FUNCTION"
            waiting += [(each, is_call and key == "function") for key, each in part.items()]
