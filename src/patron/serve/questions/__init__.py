"""The business questions that ship with patron: each a file NAME.sql, a comment with the question and one select."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib import resources

from patron.errors import PatronError, SettingsError, did_you_mean
from patron.project.project import Project


class CannotAnswerError(PatronError):
    """The shop maps nothing that a question could be answered from."""

    exit_code = 3
    kind = "cannot_answer"


@dataclass(frozen=True)
class Question:
    """A saved query. text: the question, one sentence. sql: one select over gold (DuckDB's dialect)."""

    name: str
    text: str
    sql: str

    @cached_property
    def tables(self) -> list[str]:
        """The gold tables that the select reads, by name."""
        import sqlglot
        from sqlglot import exp

        tree = sqlglot.parse_one(self.sql, read="duckdb")
        steps = {step.alias for step in tree.find_all(exp.CTE)}
        return sorted({table.name for table in tree.find_all(exp.Table)} - steps)


def list_questions() -> list[Question]:
    """All saved questions, by name."""
    return sorted(_shipped(), key=lambda question: question.name)


def _shipped() -> Iterator[Question]:
    for file in resources.files("patron.serve.questions").iterdir():
        name, _, suffix = file.name.rpartition(".")
        if suffix == "sql":
            first, _, sql = file.read_text(encoding="utf-8").partition("\n")
            yield Question(name, first.removeprefix("--").strip(), sql.strip())


def get_question(name: str) -> Question:
    """The saved question of that name. Raises SettingsError, with the nearest name."""
    known = {one.name: one for one in list_questions()}
    if name in known:
        return known[name]
    listed = "`patron ask --list` lists them; a select is asked as it is"
    do = did_you_mean(name.replace("-", "_"), known) or listed
    raise SettingsError(f"There is no question {name!r}.", where="patron ask", do=do)


def list_missing(project: Project, asked: Question) -> list[str]:
    """What the question's tables need and nobody maps: entities, or `entity.column`; empty where it can be answered."""
    from patron.publish.empty_tables import list_unmapped_needs

    return list(dict.fromkeys(need for table in asked.tables for need in list_unmapped_needs(project, table)))


def refuse_unanswerable(project: Project, asked: Question) -> None:
    """Raise CannotAnswerError, naming what is missing, instead of giving an empty table."""
    missing = list_missing(project, asked)
    if missing:
        what = f"This shop cannot answer {asked.name!r}: nothing maps {' and '.join(missing)}."
        do = "map it in a source's `entities` and run again; `patron ask --list` shows what can be answered"
        raise CannotAnswerError(what, where=project.where("sources"), do=do)


def describe_questions(project: Project) -> list[dict[str, object]]:
    """Each question: name, the sentence, its gold tables, whether this shop maps what it needs, and what is missing."""
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
