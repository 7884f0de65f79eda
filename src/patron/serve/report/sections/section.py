"""One section of a report: a heading, sentences, charts and tables, each with the queries behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from patron.serve.report.queries.figures import Asked, Figure
from patron.serve.report.sections.charts import Chart
from patron.serve.report.sections.tables import Table


@dataclass(frozen=True)
class Sentence:
    """A sentence, its printed numbers, and the queries that give them. mark: up, down, level or none."""

    text: str
    figures: tuple[Figure, ...] = ()
    asked: tuple[Asked, ...] = ()
    mark: str = ""


@dataclass(frozen=True)
class Triangle:
    """Cohorts down, months since across; a cell is a figure with its share of 0 to 1, or None."""

    caption: str
    months: int
    rows: tuple[tuple[str, Figure, tuple[Figure | None, ...]], ...]
    asked: Asked
    note: str


@dataclass(frozen=True)
class Section:
    """title and what stands under it, in this order: lead, sentences, charts, tables, triangle."""

    name: str
    title: str
    lead: str = ""
    sentences: tuple[Sentence, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()
    triangle: Triangle | None = None


@dataclass(frozen=True)
class LeftOut:
    """A section that is not there, and why."""

    title: str
    why: str


def build_sentence(parts: Sequence[str | Figure], mark: str = "") -> Sentence:
    """Texts and figures one after the other."""
    figures = tuple(part for part in parts if isinstance(part, Figure))
    asked = tuple({figure.asked.sql: figure.asked for figure in figures}.values())
    return Sentence("".join(str(part) for part in parts), figures, asked, mark)
