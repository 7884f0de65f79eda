"""Answers saved questions and runs SQL over the published gold tables: read-only, one select at a time."""

from __future__ import annotations

import re

from patron.errors import EngineError, NothingBuiltError, SettingsError
from patron.project.project import Project
from patron.publish.reader import open_published
from patron.publish.reading_statements import refuse_other_than_reading
from patron.publish.snapshot import load_current
from patron.serve.answer import Answer
from patron.serve.questions import Question, get_question, refuse_unanswerable


def ask(project: Project, question: str) -> Answer:
    """Answer a saved question (one word, such as `order_gaps`), or run one select over gold.

    Raises SettingsError for an unknown name, for anything but one select, or for SQL that DuckDB rejects;
    CannotAnswerError if the shop lacks the data that a saved question needs; NothingBuiltError before the first run;
    EngineError if the tables are deleted or memory runs out while the query runs.
    """
    return answer_question(project, get_question(question)) if is_name(question) else select(project, question)


def is_name(question: str) -> bool:
    """Return whether a text is the name of a question, which is one word, rather than SQL."""
    return re.fullmatch(r"[\w-]+", question.strip()) is not None


def answer_question(project: Project, question: Question) -> Answer:
    """Answer a saved question. Raises the same errors as `ask`."""
    refuse_unanswerable(project, question)
    snapshot = load_current(project.published)
    unbuilt = [table for table in question.tables if snapshot is not None and table not in snapshot.tables]
    if unbuilt:
        what = f"The published tables are older than the question and lack {', '.join(unbuilt)}."
        raise NothingBuiltError(what, where=str(project.published), do="run `patron run`")
    return select(project, question.sql)


def select(project: Project, sql: str) -> Answer:
    """Run one select over gold. Raises the same errors as `ask`."""
    import duckdb

    with open_published(project.published) as connection:
        refuse_other_than_reading(connection, sql)
        try:
            cursor = connection.execute(sql)
            columns = [column[0] for column in cursor.description or []]
            return Answer(columns, cursor.fetchall())
        except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
            do = "try again: a run may have published new tables in the meantime; if memory ran out, query less data"
            raise EngineError(str(error).strip(), where="the query", do=do) from error
        except duckdb.Error as error:
            do = "`patron tables` lists the tables, `patron tables NAME` the columns of one"
            raise SettingsError(str(error).strip(), where="the query", do=do) from error
