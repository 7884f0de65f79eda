"""One question to the published gold tables, saved or written as SQL: read-only, one statement, a clear error."""

from __future__ import annotations

import re

from patron.errors import EngineError, NothingBuiltError, SettingsError
from patron.project.project import Project
from patron.publish.reader import open_published, refuse_other_than_select
from patron.publish.snapshot import load_current
from patron.serve.answer import Answer
from patron.serve.questions import Question, refuse_unanswerable
from patron.serve.questions import get_question as saved


def ask(project: Project, question: str) -> Answer:
    """The answer to a saved question (one word, such as `order_gaps`), or to one select over gold.

    Raises SettingsError for an unknown name, for anything but one select, or for SQL that DuckDB refuses;
    CannotAnswerError where the shop lacks what a saved question needs; NothingBuiltError before the first run;
    EngineError where the tables are taken away, or the memory ends, while it is at work.
    """
    return answer_question(project, saved(question)) if is_name(question) else select(project, question)


def is_name(question: str) -> bool:
    """Whether it is a name and no SQL: one word."""
    return re.fullmatch(r"[\w-]+", question.strip()) is not None


def answer_question(project: Project, question: Question) -> Answer:
    """The answer to a saved question. Raises as `ask` does."""
    refuse_unanswerable(project, question)
    known = load_current(project.published)
    unbuilt = [table for table in question.tables if known is not None and table not in known.tables]
    if unbuilt:
        what = f"{', '.join(unbuilt)} is not among the published tables, which are older than the question."
        raise NothingBuiltError(what, where=str(project.published), do="run `patron run`")
    return select(project, question.sql)


def select(project: Project, sql: str) -> Answer:
    """The rows of one select over gold. Raises as `ask` does."""
    import duckdb

    with open_published(project.published) as connection:
        refuse_other_than_select(connection, sql)
        try:
            cursor = connection.execute(sql)
            columns = [column[0] for column in cursor.description or []]
            return Answer(columns, cursor.fetchall())
        except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
            do = "try again: a run may have published new tables meanwhile; if memory ran out, query less at once"
            raise EngineError(str(error).strip(), where="the query", do=do) from error
        except duckdb.Error as error:
            do = "`patron tables` lists the tables, `patron tables NAME` the columns of one"
            raise SettingsError(str(error).strip(), where="the query", do=do) from error
