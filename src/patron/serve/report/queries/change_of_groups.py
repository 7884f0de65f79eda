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
from patron.serve.report.queries.figures import Asked
from patron.serve.report.queries.segments import find_last_recorded_day
from patron.serve.report.sections.number_text import signed

if TYPE_CHECKING:
    import datetime as dt

    import duckdb

    from patron.project.number_format import Formats
    from patron.serve.report.queries.spans import Comparison, DataDays

LEAST_SHARE = 0.02
"""A group is reported when its difference is at least this share of all earlier sales."""

_MOST_TOLD = 3


@dataclass(frozen=True)
class Moved:
    """A breakdown into two or more groups, with the sales of each. segments_of: the day of its segments."""

    breakdown: Breakdown
    asked: Asked
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


def query_groups(connection: duckdb.DuckDBPyConnection, comparison: Comparison, data: DataDays) -> list[Moved]:
    """Query every breakdown that the data allows; empty where there is no earlier period.

    Segments are those recorded last before the earlier period began, because later ones depend on the orders compared;
    where none was recorded, those of as_of.
    """
    if comparison.before is None:
        return []
    observed = find_last_recorded_day(connection, comparison.before.first)
    found = []
    for breakdown in (KINDS, COHORTS, break_down_by_segment(observed), CHANNELS, PLACES, REGIONS, COUNTRIES):
        if not breakdown.is_known(connection):
            continue
        asked = query_contributions(connection, comparison, breakdown)
        is_known = any(asked.value("grouping", row) is not None for row in range(len(asked.rows)))
        if len(asked.rows) >= 2 and is_known:
            found.append(Moved(breakdown, asked, observed or data.as_of))
    return found


def describe_groups(moved: list[Moved], comparison: Comparison, formats: Formats) -> list[Change]:
    """Describe each breakdown in which a group changed by LEAST_SHARE of all earlier sales."""
    changes = (_of_group(one, comparison, formats) for one in moved)
    return [change for change in changes if change is not None]


def _of_group(moved: Moved, comparison: Comparison, formats: Formats) -> Change | None:
    asked, breakdown = moved.asked, moved.breakdown
    before = asked.value("all_before")
    if not before or before <= 0:
        return None
    told = _describe(asked, breakdown, comparison)
    if not told:
        return None
    rows = range(len(asked.rows))
    figures = [asked.figure("more", formats.money, row) for row in told]
    names = {row: name_group(asked, row, breakdown, formats) for row in rows}
    said = [
        f"{names[row]} {'up' if asked.value('difference', row) > 0 else 'down'} {figure}"
        for row, figure in zip(told, figures, strict=True)
    ]
    sentence = f"Sales before refunds {_opening(moved, formats)}: {join_words(said)}."
    parts = tuple(Part(capitalize(names[row]), asked.figure("difference", signed(formats), row)) for row in rows)
    went = find_direction(asked.value("all_now"), before)
    return Change(breakdown.name, sentence, went, asked, tuple(figures), parts)


def _describe(asked: Asked, breakdown: Breakdown, comparison: Comparison) -> list[int]:
    """Return the rows of the groups that changed most, in the order of the query."""
    least = LEAST_SHARE * float(asked.value("all_before"))
    rows = [
        row
        for row in range(len(asked.rows))
        if (breakdown is KINDS or asked.value("grouping", row) is not None)
        and _is_told(asked, row, least)
        and not _is_new(asked, row, breakdown, comparison)
    ]
    return sorted(sorted(rows, key=lambda row: -asked.value("more", row))[:_MOST_TOLD])


def _is_new(asked: Asked, row: int, breakdown: Breakdown, comparison: Comparison) -> bool:
    """Return whether it is a cohort that was still growing in the earlier period: it could only increase."""
    first = Period.of("quarter", comparison.before.first).first if comparison.before else None
    return breakdown is COHORTS and first is not None and asked.value("grouping", row) >= first


def _is_told(asked: Asked, row: int, least: float) -> bool:
    is_enough = max(asked.value("order_count", row), asked.value("order_count_before", row)) >= FEW
    return is_enough and bool(asked.value("more", row) >= least)


def name_group(asked: Asked, row: int, breakdown: Breakdown, formats: Formats) -> str:
    """Return the name of a group."""
    group = asked.value("grouping", row)
    return breakdown.other if group is None else breakdown.named(group, formats)


def _opening(moved: Moved, formats: Formats) -> str:
    if moved.breakdown.name == "segments":
        return f"by customer segment on {formats.day(moved.segments_of)}"
    return {
        "kinds": "by new and returning customers",
        "cohorts": "by cohort",
        "channels": "by channel",
        "places": "by region of sale",
        "regions": "by customer region",
        "countries": "by customer country",
    }[moved.breakdown.name]
