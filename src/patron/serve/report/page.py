"""Builds the report of a period and renders it as an HTML page."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from patron.project.number_format import Formats
from patron.serve.report.queries.change import capitalize
from patron.serve.report.queries.change_of_groups import query_groups
from patron.serve.report.queries.changes import describe_changes
from patron.serve.report.queries.cohorts import query_cohorts
from patron.serve.report.queries.figures import QueryResult
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
    query_cautions,
    query_clear_effects,
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
    """The contents of a report. left_out: the sections that the data does not support, and why."""

    shop: str
    period: Period
    formats: Formats
    data: DataDays
    comparison: Comparison
    totals: QueryResult
    tiles: list[Tile]
    sections: list[Section]
    left_out: list[LeftOut]

    @property
    def title(self) -> str:
        """Return the period as a heading."""
        return capitalize(self.comparison.now.label(self.formats))


def build_report(connection: duckdb.DuckDBPyConnection, period: Period, shop: Shop) -> Report:
    """Build the report of a period from the published tables.

    Raises SettingsError, naming the available days, for a period without data; NothingBuiltError without orders.
    """
    formats, data = Formats.of(shop), DataDays.of(connection)
    data.refuse_outside(period)
    comparison = Comparison.of(period, data)
    totals, trends = query_totals(connection, comparison), query_trends(connection, period, data)
    contents = [
        *_build_change_sections(connection, comparison, formats, data, totals),
        build_trend_section(trends, formats) or LeftOut("Trends", f"the data has no earlier {period.kind}"),
        *_build_customer_sections(connection, comparison, formats, data),
    ]
    sections = [one for one in contents if isinstance(one, Section)]
    left_out = [one for one in contents if isinstance(one, LeftOut)]
    tiles = build_tiles(totals, trends, comparison, formats)
    return Report(shop.name, period, formats, data, comparison, totals, tiles, sections, left_out)


def _build_change_sections(
    connection: duckdb.DuckDBPyConnection, comparison: Comparison, formats: Formats, data: DataDays, totals: QueryResult
) -> list[Section | LeftOut]:
    titles = ("What changed and why", "Where the change came from")
    if comparison.before is None:
        return [LeftOut(title, comparison.why_alone(formats)) for title in titles]
    breakdowns = query_groups(connection, comparison, data)
    changes = describe_changes(connection, comparison, formats, data, breakdowns)
    no_sales = LeftOut(titles[0], "there are no sales in either period")
    no_attributes = LeftOut(titles[1], "the data has no attribute to break sales down by")
    return [
        build_change_section(changes, totals, comparison, formats) if changes else no_sales,
        build_driver_section(breakdowns, comparison, formats) or no_attributes,
    ]


def _build_customer_sections(
    connection: duckdb.DuckDBPyConnection, comparison: Comparison, formats: Formats, data: DataDays
) -> list[Section | LeftOut]:
    withheld, as_of, now = query_withheld_reasons(connection), data.last, comparison.now
    observed = find_last_recorded_day(connection, now.last)
    sizes, moves = query_segment_sizes(connection, observed), query_segment_moves(connection, now.first, now.last)
    value = build_value_section(
        query_value(connection),
        query_value_by_tier(connection),
        query_new_customer_value(connection),
        query_backtests(connection),
        withheld,
        query_cautions(connection),
        query_clear_effects(connection),
        formats,
        as_of,
    )
    no_customers = "no order has a customer"
    return [
        build_cohort_section(query_cohorts(connection, now.last), formats)
        or LeftOut("Cohort retention", "the data has fewer than two complete months of new customers"),
        value or LeftOut("Customer value", no_customers),
        build_segment_section(sizes, moves, observed, as_of, formats) or LeftOut("Segments", no_customers),
        build_programme_section(query_programmes(connection), withheld, as_of, formats)
        or LeftOut("Recommended actions", no_customers),
    ]


@dataclass(frozen=True)
class Page:
    """A rendered report. sources: its numbered queries, and every printed figure."""

    html: str
    sources: Sources


def render_page(report: Report) -> Page:
    """Render the report as one self-contained HTML document. The same report always gives the same text."""
    import jinja2

    sources = Sources()
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("patron.serve.report", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["printed"] = sources.print_figure
    environment.filters["number"] = sources.number
    style = resources.files("patron.serve.report").joinpath("templates/page.css").read_text(encoding="utf-8")
    html = environment.get_template("page.html.j2").render(report=report, sources=sources, style=style)
    return Page(html, sources)
