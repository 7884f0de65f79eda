"""The business questions that ship with patron, each in a file NAME.sql: a comment with the question, and a select."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib import resources

from patron.errors import PatronError, SettingsError, did_you_mean
from patron.project.project import Project


class CannotAnswerError(PatronError):
    """The shop does not map the data that a question needs."""

    exit_code = 3
    kind = "cannot_answer"


@dataclass(frozen=True)
class Question:
    """A saved question. text: the question, as one sentence. sql: one select over gold, in DuckDB's dialect."""

    name: str
    text: str
    sql: str

    @cached_property
    def tables(self) -> list[str]:
        """Return the gold tables that the select reads, by name."""
        import sqlglot
        from sqlglot import exp

        tree = sqlglot.parse_one(self.sql, read="duckdb")
        steps = {step.alias for step in tree.find_all(exp.CTE)}
        return sorted({table.name for table in tree.find_all(exp.Table)} - steps)


def list_questions() -> list[Question]:
    """List all saved questions, by name."""
    return sorted(_load_questions(), key=lambda question: question.name)


def _load_questions() -> Iterator[Question]:
    for file in resources.files("patron.serve.questions").iterdir():
        name, _, suffix = file.name.rpartition(".")
        if suffix == "sql":
            first, _, sql = file.read_text(encoding="utf-8").partition("\n")
            yield Question(name, first.removeprefix("--").strip(), sql.strip())


def get_question(name: str) -> Question:
    """Return a saved question by name. Raises SettingsError, with the nearest name, if there is none."""
    known = {one.name: one for one in list_questions()}
    if name in known:
        return known[name]
    hint = "`patron ask --list` lists the questions; `patron query` runs a select"
    do = did_you_mean(name.replace("-", "_"), known) or hint
    raise SettingsError(f"There is no question {name!r}.", where="patron ask", do=do)


def list_missing(project: Project, question: Question) -> list[str]:
    """List the entities and `entity.column`s that a question needs and no source maps; empty if none."""
    from patron.publish.empty_tables import list_unmapped_needs

    return list(dict.fromkeys(need for table in question.tables for need in list_unmapped_needs(project, table)))


def refuse_unanswerable(project: Project, question: Question) -> None:
    """Raise CannotAnswerError, naming what is missing, if the shop cannot answer the question."""
    missing = list_missing(project, question)
    if missing:
        what = f"This shop cannot answer {question.name!r}: no source maps {' and '.join(missing)}."
        do = "map it in a source's `entities` and run again; `patron ask --list` shows what can be answered"
        raise CannotAnswerError(what, where=project.where("sources"), do=do)


def describe_questions(project: Project) -> list[dict[str, object]]:
    """Describe each question: name, question, tables (of gold), can_answer (by this shop) and missing."""
    rows: list[dict[str, object]] = []
    for one in list_questions():
        missing = list_missing(project, one)
        rows.append(
            {
                "name": one.name,
                "question": one.text,
                "tables": one.tables,
                "can_answer": not missing,
                "missing": missing,
            }
        )
    return rows
