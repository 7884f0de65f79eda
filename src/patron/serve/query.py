"""One question to the published gold tables, saved or written as SQL: read-only, one statement, a clear error."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from typing import Any, TextIO

from patron.errors import EngineError, NothingBuiltError, SettingsError
from patron.project.project import Project
from patron.publish.snapshot import current
from patron.serve.questions import Question, refuse_unanswerable
from patron.serve.questions import question as saved


@dataclass(frozen=True)
class Answer:
    """Column names and rows."""

    columns: list[str]
    rows: list[tuple[Any, ...]]

    def records(self) -> list[dict[str, Any]]:
        """One dict a row."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]

    def write_csv(self, out: TextIO) -> None:
        """Header and rows, comma-separated."""
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows(self.rows)


def ask(project: Project, question: str) -> Answer:
    """The answer to a saved question (one word, such as `order_gaps`), or to one select over gold.

    Raises SettingsError for an unknown name, for anything but one select, or for SQL that DuckDB refuses;
    CannotAnswerError where the shop lacks what a saved question needs; NothingBuiltError before the first run;
    EngineError where the tables are taken away, or the memory ends, while it is at work.
    """
    return answer_to(project, saved(question)) if is_name(question) else select(project, question)


def is_name(question: str) -> bool:
    """Whether it is a name and no SQL: one word."""
    return re.fullmatch(r"[\w-]+", question.strip()) is not None


def answer_to(project: Project, question: Question) -> Answer:
    """The answer to a saved question. Raises as `ask` does."""
    refuse_unanswerable(project, question)
    known = current(project.published)
    unbuilt = [table for table in question.tables if known is not None and table not in known.tables]
    if unbuilt:
        what = f"{', '.join(unbuilt)} is not among the published tables: they are older than the question."
        raise NothingBuiltError(what, where=str(project.published), do="run `patron run`")
    return select(project, question.sql)


def select(project: Project, sql: str) -> Answer:
    """The rows of one select over gold. Raises as `ask` does."""
    import duckdb

    from patron.publish.snapshot import open_published

    with open_published(project.published) as connection:
        refuse_other_than_select(connection, sql)
        try:
            cursor = connection.execute(sql)
            columns = [column[0] for column in cursor.description or []]
            return Answer(columns, cursor.fetchall())
        except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
            do = "ask again: runs may have published new tables meanwhile; if memory ended, ask for less at once"
            raise EngineError(str(error).strip(), where="the query", do=do) from error
        except duckdb.Error as error:
            do = "`patron tables` lists the tables, `patron tables NAME` the columns of one"
            raise SettingsError(str(error).strip(), where="the query", do=do) from error


def refuse_other_than_select(connection: Any, sql: str) -> None:
    """Raises SettingsError for anything but one select."""
    import duckdb

    try:
        statements = connection.extract_statements(sql)
    except duckdb.Error as error:
        raise SettingsError(str(error).strip(), where="the query", do="mend the SQL (DuckDB's dialect)") from error
    readers = {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN}
    if len(statements) != 1 or statements[0].type not in readers:
        do = "write one select; gold is read-only"
        raise SettingsError("The query is not one select.", where="the query", do=do)
