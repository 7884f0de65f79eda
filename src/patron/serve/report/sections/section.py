"""One section of a report: a heading, sentences, charts and tables, each with the queries behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from patron.serve.report.queries.figures import Figure, QueryResult
from patron.serve.report.sections.charts import Chart
from patron.serve.report.sections.tables import Table


@dataclass(frozen=True)
class Sentence:
    """A sentence, the numbers in it and their queries. mark: up, down or level; empty for none."""

    text: str
    figures: tuple[Figure, ...] = ()
    results: tuple[QueryResult, ...] = ()
    mark: str = ""


@dataclass(frozen=True)
class Triangle:
    """A cohort table: one row per cohort, one column per month since the first order; cells are rates or None."""

    caption: str
    months: int
    rows: tuple[tuple[str, Figure, tuple[Figure | None, ...]], ...]
    result: QueryResult
    note: str


@dataclass(frozen=True)
class Section:
    """A section: its title, followed by lead, sentences, charts, tables and triangle, in this order."""

    name: str
    title: str
    lead: str = ""
    sentences: tuple[Sentence, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()
    triangle: Triangle | None = None


@dataclass(frozen=True)
class LeftOut:
    """A section that is omitted, and why."""

    title: str
    why: str


def build_sentence(parts: Sequence[str | Figure], mark: str = "") -> Sentence:
    """Join texts and figures into a sentence that knows its figures and their queries."""
    figures = tuple(part for part in parts if isinstance(part, Figure))
    results = tuple({figure.result.sql: figure.result for figure in figures}.values())
    return Sentence("".join(str(part) for part in parts), figures, results, mark)
