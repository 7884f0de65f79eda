"""The catalog of the published tables: their rows, grain and columns, as the yml beside each model describes them."""

from __future__ import annotations

from typing import Any

from patron.errors import SettingsError, did_you_mean
from patron.project.project import Project
from patron.publish.empty_tables import explain_empty_tables
from patron.publish.reader import open_published
from patron.transform.model_docs import load_model_docs


def describe_tables(project: Project) -> list[dict[str, Any]]:
    """Describe each published table: table, rows, description (its grain), and empty_because where it has no rows.

    Raises NothingBuiltError before the first run.
    """
    with open_published(project.published) as connection:
        tables = [_describe_table(connection, table) for table in _list_tables(connection)]
        reasons = explain_empty_tables(project, {row["table"]: row["rows"] for row in tables})
        return [{**row, "empty_because": reasons.get(row["table"], "")} for row in tables]


def describe_columns(project: Project, table: str) -> list[dict[str, Any]]:
    """Describe each column of a published table: column, type, description.

    Raises NothingBuiltError before the first run, SettingsError for an unknown table.
    """
    name = table.removeprefix("gold.")
    with open_published(project.published) as connection:
        known = _list_tables(connection)
        if name not in known:
            do = did_you_mean(name, known) or "`patron tables` lists them"
            raise SettingsError(f"There is no table {table!r} in gold.", where="patron tables", do=do)
        descriptions = {column["name"]: column["description"] for column in load_model_docs(name).get("columns", [])}
        rows = connection.execute(f"describe gold.{name}").fetchall()
    return [{"column": row[0], "type": row[1], "description": descriptions.get(row[0], "")} for row in rows]


def _list_tables(connection: Any) -> list[str]:
    sql = "select table_name from information_schema.tables where table_schema = 'gold' order by 1"
    return [row[0] for row in connection.execute(sql).fetchall()]


def _describe_table(connection: Any, table: str) -> dict[str, Any]:
    rows = connection.execute(f"select count(*) from gold.{table}").fetchone()[0]
    return {"table": table, "rows": rows, "description": load_model_docs(table).get("description", "")}
