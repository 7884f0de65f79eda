"""A period's report: what stands in it, and the page that shows it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from patron.project.number_format import Formats
from patron.serve.report.queries.change import capitalised
from patron.serve.report.queries.change_of_groups import moved_groups
from patron.serve.report.queries.changes import told
from patron.serve.report.queries.cohorts import cohorts
from patron.serve.report.queries.figures import Asked
from patron.serve.report.queries.segments import last_observed, programmes, segment_moves, segment_sizes
from patron.serve.report.queries.spans import Comparison, DataDays
from patron.serve.report.queries.totals import totals
from patron.serve.report.queries.trends import trends
from patron.serve.report.queries.value import trials, value_by_tier, value_of_all, value_of_newcomers, why_withheld
from patron.serve.report.sections.changes import change_section, driver_section
from patron.serve.report.sections.cohorts import cohort_section
from patron.serve.report.sections.metrics import Tile, tiles, trend_section
from patron.serve.report.sections.query_appendix import Sources
from patron.serve.report.sections.section import LeftOut, Section
from patron.serve.report.sections.segments import programme_section, segment_section
from patron.serve.report.sections.value import value_section

if TYPE_CHECKING:
    import duckdb

    from patron.project.settings import Shop
    from patron.serve.periods import Period


@dataclass(frozen=True)
class Report:
    """What a report says, before it is written as a page. left_out: what the data do not allow, and why."""

    shop: str
    period: Period
    formats: Formats
    data: DataDays
    comparison: Comparison
    totals: Asked
    tiles: list[Tile]
    sections: list[Section]
    left_out: list[LeftOut]

    @property
    def title(self) -> str:
        """The period, as a heading."""
        return capitalised(self.comparison.now.label(self.formats))


def report(connection: duckdb.DuckDBPyConnection, period: Period, shop: Shop) -> Report:
    """The report of a period, from the published tables alone.

    Raises SettingsError, naming the days that there are, for a period without one; NothingBuiltError without orders.
    """
    formats, data = Formats.of(shop), DataDays.of(connection)
    data.refuse_outside(period)
    comparison = Comparison.of(period, data)
    asked, shown = totals(connection, comparison), trends(connection, period, data)
    made = [
        *_of_changes(connection, comparison, formats, data, asked),
        trend_section(shown, formats) or LeftOut("Trends", f"there is no {period.kind} before it in the data"),
        *_of_people(connection, comparison, formats, data),
    ]
    sections = [one for one in made if isinstance(one, Section)]
    left_out = [one for one in made if isinstance(one, LeftOut)]
    at_the_top = tiles(asked, shown, comparison, formats)
    return Report(shop.name, period, formats, data, comparison, asked, at_the_top, sections, left_out)


def _of_changes(
    connection: duckdb.DuckDBPyConnection, comparison: Comparison, formats: Formats, data: DataDays, asked: Asked
) -> list[Section | LeftOut]:
    titles = ("What changed, and why", "Who brought the change")
    if comparison.before is None:
        return [LeftOut(title, comparison.why_alone(formats)) for title in titles]
    moved = moved_groups(connection, comparison, data)
    found = told(connection, comparison, formats, data, moved)
    quiet = LeftOut(titles[0], "nothing was sold in either period")
    alike = LeftOut(titles[1], "the data tell no groups of sales apart")
    return [
        change_section(found, asked, comparison, formats) if found else quiet,
        driver_section(moved, comparison, formats) or alike,
    ]


def _of_people(
    connection: duckdb.DuckDBPyConnection, comparison: Comparison, formats: Formats, data: DataDays
) -> list[Section | LeftOut]:
    withheld, as_of, now = why_withheld(connection), data.as_of, comparison.now
    observed = last_observed(connection, now.last)
    sizes, moves = segment_sizes(connection, observed), segment_moves(connection, now.first, now.last)
    worth = value_section(
        value_of_all(connection),
        value_by_tier(connection),
        value_of_newcomers(connection),
        trials(connection),
        withheld,
        formats,
        as_of,
    )
    nobody = "no order names its customer"
    return [
        cohort_section(cohorts(connection, now.last), formats)
        or LeftOut("How long new customers stay", "fewer than two months of new customers are over by then"),
        worth or LeftOut("What customers are worth", nobody),
        segment_section(sizes, moves, observed, as_of, formats) or LeftOut("Segments", nobody),
        programme_section(programmes(connection), withheld, as_of, formats) or LeftOut("What to do next", nobody),
    ]


@dataclass(frozen=True)
class Page:
    """A written report. sources: the queries in the order of their numbers, and each printed figure."""

    html: str
    sources: Sources


def page(made: Report) -> Page:
    """The report as one HTML document that asks for nothing else; the same report is the same text."""
    import jinja2

    sources = Sources()
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("patron.serve.report", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["shown"] = sources.shown
    environment.filters["number"] = sources.number
    style = resources.files("patron.serve.report").joinpath("templates/page.css").read_text(encoding="utf-8")
    html = environment.get_template("page.html.j2").render(report=made, sources=sources, style=style)
    return Page(html, sources)
