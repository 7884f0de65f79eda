"""The gold tables, described by the yml beside each model."""

from __future__ import annotations

from typing import Any

from patron.errors import SettingsError, did_you_mean
from patron.project.project import Project
from patron.publish.empty_tables import why_empty
from patron.publish.reader import open_published
from patron.transform.model_docs import load_model_docs


def described(project: Project, name: str | None = None) -> list[dict[str, Any]]:
    """Each published table with rows, grain, and why it is empty where it is; or the columns of one.

    Raises NothingBuiltError before the first run, SettingsError for an unknown table.
    """
    with open_published(project.published) as connection:
        sql = "select table_name from information_schema.tables where table_schema = 'gold' order by 1"
        known = [row[0] for row in connection.execute(sql).fetchall()]
        if name is None:
            listed = [_table(connection, table) for table in known]
            reasons = why_empty(project, {row["table"]: row["rows"] for row in listed})
            return [{**row, "empty_because": reasons.get(row["table"], "")} for row in listed]
        plain = name.removeprefix("gold.")
        if plain not in known:
            do = did_you_mean(plain, known) or f"tables: {', '.join(known)}"
            raise SettingsError(f"There is no table {name!r} in gold.", where="patron tables", do=do)
        return _columns(connection, plain)


def _table(connection: Any, table: str) -> dict[str, Any]:
    rows = connection.execute(f"select count(*) from gold.{table}").fetchone()[0]
    return {"table": table, "rows": rows, "description": load_model_docs(table).get("description", "")}


def _columns(connection: Any, table: str) -> list[dict[str, Any]]:
    means = {column["name"]: column["description"] for column in load_model_docs(table).get("columns", [])}
    found = connection.execute(f"describe gold.{table}").fetchall()
    return [{"column": row[0], "type": row[1], "description": means.get(row[0], "")} for row in found]
