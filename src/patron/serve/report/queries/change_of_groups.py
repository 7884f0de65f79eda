"""Sentences about groups: which customers, cohorts, segments, channels and regions account for the change in sales."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from patron.serve.periods import Period
from patron.serve.report.queries.chance import FEW
from patron.serve.report.queries.change import Change, Part, capitalize, find_direction, join_words
from patron.serve.report.queries.contributions import (
    CHANNELS,
    COHORTS,
    COUNTRIES,
    KINDS,
    PLACES,
    REGIONS,
    Breakdown,
    break_down_by_segment,
    query_contributions,
)
from patron.serve.report.queries.figures import QueryResult
from patron.serve.report.queries.segments import find_last_recorded_day
from patron.serve.report.sections.number_text import signed_amount

if TYPE_CHECKING:
    import datetime as dt

    import duckdb

    from patron.project.number_format import Formats
    from patron.serve.report.queries.spans import Comparison, DataDays

LEAST_SHARE = 0.02
"""A group is reported when its difference is at least this share of all earlier sales."""

_MOST_GROUPS = 3


@dataclass(frozen=True)
class GroupedSales:
    """A breakdown into two or more groups, with the sales of each. segments_of: the day whose segments it uses."""

    breakdown: Breakdown
    result: QueryResult
    segments_of: dt.date

    @property
    def title(self) -> str:
        return self.breakdown.title

    def note(self, formats: Formats) -> str:
        """Return the note below the table of groups."""
        if self.breakdown.name != "segments":
            return ""
        day = formats.day(self.segments_of)
        return f"Segments as of {day}. They are derived from orders, so customers who ordered a lot recently rank high."


def query_groups(connection: duckdb.DuckDBPyConnection, comparison: Comparison, data: DataDays) -> list[GroupedSales]:
    """Query every breakdown that the data allows; empty if there is no earlier period.

    Segments are the last ones recorded before the earlier period began, because later ones depend on the orders that
    are compared; if none were recorded, those of as_of.
    """
    if comparison.before is None:
        return []
    observed = find_last_recorded_day(connection, comparison.before.first)
    breakdowns = []
    for breakdown in (KINDS, COHORTS, break_down_by_segment(observed), CHANNELS, PLACES, REGIONS, COUNTRIES):
        if not breakdown.is_known(connection):
            continue
        result = query_contributions(connection, comparison, breakdown)
        is_known = any(result.value("grouping", row) is not None for row in range(len(result.rows)))
        if len(result.rows) >= 2 and is_known:
            breakdowns.append(GroupedSales(breakdown, result, observed or data.last))
    return breakdowns


def describe_groups(breakdowns: list[GroupedSales], comparison: Comparison, formats: Formats) -> list[Change]:
    """Describe each breakdown in which a group changed by LEAST_SHARE of all earlier sales."""
    changes = (_describe_group_change(one, comparison, formats) for one in breakdowns)
    return [change for change in changes if change is not None]


def _describe_group_change(grouped: GroupedSales, comparison: Comparison, formats: Formats) -> Change | None:
    result, breakdown = grouped.result, grouped.breakdown
    before = result.value("all_before")
    if not before or before <= 0:
        return None
    reported = _select_groups(result, breakdown, comparison)
    if not reported:
        return None
    rows = range(len(result.rows))
    figures = [result.figure("more", formats.money, row) for row in reported]
    names = {row: name_group(result, row, breakdown, formats) for row in rows}
    descriptions = [
        f"{names[row]} {'up' if result.value('difference', row) > 0 else 'down'} {figure}"
        for row, figure in zip(reported, figures, strict=True)
    ]
    sentence = f"Sales before refunds {_opening(grouped, formats)}: {join_words(descriptions)}."
    parts = tuple(
        Part(capitalize(names[row]), result.figure("difference", signed_amount(formats), row)) for row in rows
    )
    direction = find_direction(result.value("all_now"), before)
    return Change(breakdown.name, sentence, direction, result, tuple(figures), parts)


def _select_groups(result: QueryResult, breakdown: Breakdown, comparison: Comparison) -> list[int]:
    """Return the rows of the groups that changed most, in the order of the query."""
    least = LEAST_SHARE * float(result.value("all_before"))
    rows = [
        row
        for row in range(len(result.rows))
        if (breakdown is KINDS or result.value("grouping", row) is not None)
        and _is_reportable(result, row, least)
        and not _is_new(result, row, breakdown, comparison)
    ]
    return sorted(sorted(rows, key=lambda row: -result.value("more", row))[:_MOST_GROUPS])


def _is_new(result: QueryResult, row: int, breakdown: Breakdown, comparison: Comparison) -> bool:
    """Return whether it is a cohort that was still growing in the earlier period: it could only increase."""
    first = Period.of("quarter", comparison.before.first).first if comparison.before else None
    return breakdown is COHORTS and first is not None and result.value("grouping", row) >= first


def _is_reportable(result: QueryResult, row: int, least: float) -> bool:
    is_enough = max(result.value("order_count", row), result.value("order_count_before", row)) >= FEW
    return is_enough and bool(result.value("more", row) >= least)


def name_group(result: QueryResult, row: int, breakdown: Breakdown, formats: Formats) -> str:
    """Return the name of a group."""
    group = result.value("grouping", row)
    return breakdown.other if group is None else breakdown.named(group, formats)


def _opening(grouped: GroupedSales, formats: Formats) -> str:
    if grouped.breakdown.name == "segments":
        return f"by customer segment on {formats.day(grouped.segments_of)}"
    return {
        "kinds": "by new and returning customers",
        "cohorts": "by cohort",
        "channels": "by channel",
        "places": "by region of sale",
        "regions": "by customer region",
        "countries": "by customer country",
    }[grouped.breakdown.name]
