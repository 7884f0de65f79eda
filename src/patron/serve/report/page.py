"""A period's report: its contents, and the HTML page that shows them."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from patron.project.number_format import Formats
from patron.serve.report.queries.change import capitalize
from patron.serve.report.queries.change_of_groups import query_groups
from patron.serve.report.queries.changes import describe_changes
from patron.serve.report.queries.cohorts import query_cohorts
from patron.serve.report.queries.figures import Asked
from patron.serve.report.queries.segments import (
    find_last_recorded_day,
    query_programmes,
    query_segment_moves,
    query_segment_sizes,
)
from patron.serve.report.queries.spans import Comparison, DataDays
from patron.serve.report.queries.totals import query_totals
from patron.serve.report.queries.trends import query_trends
from patron.serve.report.queries.value import (
    query_backtests,
    query_new_customer_value,
    query_value,
    query_value_by_tier,
    query_withheld_reasons,
)
from patron.serve.report.sections.changes import build_change_section, build_driver_section
from patron.serve.report.sections.cohorts import build_cohort_section
from patron.serve.report.sections.metrics import Tile, build_tiles, build_trend_section
from patron.serve.report.sections.query_appendix import Sources
from patron.serve.report.sections.section import LeftOut, Section
from patron.serve.report.sections.segments import build_programme_section, build_segment_section
from patron.serve.report.sections.value import build_value_section

if TYPE_CHECKING:
    import duckdb

    from patron.project.settings import Shop
    from patron.serve.periods import Period


@dataclass(frozen=True)
class Report:
    """The contents of a report. left_out: the sections that the data does not allow, and why."""

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
        """Return the period as a heading."""
        return capitalize(self.comparison.now.label(self.formats))


def build_report(connection: duckdb.DuckDBPyConnection, period: Period, shop: Shop) -> Report:
    """Build the report of a period from the published tables.

    Raises SettingsError, naming the days that there are, for a period without one; NothingBuiltError without orders.
    """
    formats, data = Formats.of(shop), DataDays.of(connection)
    data.refuse_outside(period)
    comparison = Comparison.of(period, data)
    asked, shown = query_totals(connection, comparison), query_trends(connection, period, data)
    made = [
        *_of_changes(connection, comparison, formats, data, asked),
        build_trend_section(shown, formats) or LeftOut("Trends", f"the data has no earlier {period.kind}"),
        *_of_people(connection, comparison, formats, data),
    ]
    sections = [one for one in made if isinstance(one, Section)]
    left_out = [one for one in made if isinstance(one, LeftOut)]
    at_the_top = build_tiles(asked, shown, comparison, formats)
    return Report(shop.name, period, formats, data, comparison, asked, at_the_top, sections, left_out)


def _of_changes(
    connection: duckdb.DuckDBPyConnection, comparison: Comparison, formats: Formats, data: DataDays, asked: Asked
) -> list[Section | LeftOut]:
    titles = ("What changed and why", "Where the change came from")
    if comparison.before is None:
        return [LeftOut(title, comparison.why_alone(formats)) for title in titles]
    moved = query_groups(connection, comparison, data)
    found = describe_changes(connection, comparison, formats, data, moved)
    quiet = LeftOut(titles[0], "there are no sales in either period")
    alike = LeftOut(titles[1], "the data has no attribute to break sales down by")
    return [
        build_change_section(found, asked, comparison, formats) if found else quiet,
        build_driver_section(moved, comparison, formats) or alike,
    ]


def _of_people(
    connection: duckdb.DuckDBPyConnection, comparison: Comparison, formats: Formats, data: DataDays
) -> list[Section | LeftOut]:
    withheld, as_of, now = query_withheld_reasons(connection), data.as_of, comparison.now
    observed = find_last_recorded_day(connection, now.last)
    sizes, moves = query_segment_sizes(connection, observed), query_segment_moves(connection, now.first, now.last)
    worth = build_value_section(
        query_value(connection),
        query_value_by_tier(connection),
        query_new_customer_value(connection),
        query_backtests(connection),
        withheld,
        formats,
        as_of,
    )
    nobody = "no order has a customer"
    return [
        build_cohort_section(query_cohorts(connection, now.last), formats)
        or LeftOut("Cohort retention", "fewer than two months of new customers are complete by then"),
        worth or LeftOut("Customer value", nobody),
        build_segment_section(sizes, moves, observed, as_of, formats) or LeftOut("Segments", nobody),
        build_programme_section(query_programmes(connection), withheld, as_of, formats)
        or LeftOut("Recommended actions", nobody),
    ]


@dataclass(frozen=True)
class Page:
    """A rendered report. sources: the queries in the order of their numbers, and each printed figure."""

    html: str
    sources: Sources


def render_page(made: Report) -> Page:
    """Render the report as one self-contained HTML document; the same report gives the same text."""
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
