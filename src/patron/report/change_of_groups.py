"""Sentences about groups: which customers, cohorts, segments, channels and places brought the change of sales."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.report.chance import FEW
from patron.report.change import Change, Part, capitalised, direction, joined
from patron.report.contributions import (
    CHANNELS,
    COHORTS,
    COUNTRIES,
    KINDS,
    PLACES,
    REGIONS,
    Breakdown,
    contributions,
    segments,
)
from patron.report.figures import Asked
from patron.report.periods import Period

if TYPE_CHECKING:
    import datetime as dt

    import duckdb

    from patron.formats import Formats
    from patron.report.spans import Comparison, DataDays

LEAST_SHARE = 0.02
"""A group is told of whose difference is at least this share of all sales before."""

_MOST_TOLD = 3


def of_groups(
    connection: duckdb.DuckDBPyConnection, comparison: Comparison, formats: Formats, data: DataDays
) -> list[Change]:
    """One sentence a breakdown that has two groups or more, and one that moved."""
    observed = observed_day(connection, comparison)
    found = []
    for breakdown in (KINDS, COHORTS, segments(observed), CHANNELS, PLACES, REGIONS, COUNTRIES):
        asked = contributions(connection, comparison, breakdown)
        change = _of_group(asked, breakdown, comparison, observed or data.as_of, formats)
        if change is not None:
            found.append(change)
    return found


def observed_day(connection: duckdb.DuckDBPyConnection, comparison: Comparison) -> dt.date | None:
    """The last day until the earlier period began on which segments were observed; None where none was."""
    if comparison.before is None:
        return None
    sql = "select max(moved_date) from gold.segment_moves where moved_date <= ?"
    found = connection.execute(sql, [comparison.before.first]).fetchone()
    day: dt.date | None = found[0] if found else None
    return day


def _of_group(
    asked: Asked, breakdown: Breakdown, comparison: Comparison, segments_of: dt.date, formats: Formats
) -> Change | None:
    before = asked.value("all_before")
    known = [row for row, group in enumerate(_groups(asked)) if group is not None]
    if len(asked.rows) < 2 or not known or not before or before <= 0:
        return None
    least = LEAST_SHARE * float(before)
    rows = range(len(asked.rows)) if breakdown is KINDS else known
    told = [row for row in rows if _is_told(asked, row, least) and not _is_new(asked, row, breakdown, comparison)]
    told = sorted(sorted(told, key=lambda row: -asked.value("more", row))[:_MOST_TOLD])
    if not told:
        return None
    figures = [asked.figure("more", formats.money, row) for row in told]
    names = {row: name_of(asked, row, breakdown, formats) for row in range(len(asked.rows))}
    said = [
        f"{names[row]} {figure} {'more' if asked.value('difference', row) > 0 else 'less'}"
        for row, figure in zip(told, figures, strict=True)
    ]
    sentence = f"{_opening(breakdown, segments_of, formats)}, in sales before refunds: {joined(said)}."
    parts = tuple(
        Part(capitalised(names[row]), asked.figure("difference", formats.money, row)) for row in range(len(asked.rows))
    )
    all_difference = asked.value("all_difference")
    return Change(breakdown.name, sentence, direction(before + all_difference, before), asked, tuple(figures), parts)


def _is_new(asked: Asked, row: int, breakdown: Breakdown, comparison: Comparison) -> bool:
    """Whether it is a cohort that was still growing in the earlier stretch: it could only bring more."""
    first = Period.of("quarter", comparison.before.first).first if comparison.before else None
    return breakdown is COHORTS and first is not None and asked.value("grouping", row) >= first


def _is_told(asked: Asked, row: int, least: float) -> bool:
    is_enough = max(asked.value("order_count", row), asked.value("order_count_before", row)) >= FEW
    return is_enough and bool(asked.value("more", row) >= least)


def _groups(asked: Asked) -> list[object]:
    return [asked.value("grouping", row) for row in range(len(asked.rows))]


def name_of(asked: Asked, row: int, breakdown: Breakdown, formats: Formats) -> str:
    """How a group is written."""
    group = asked.value("grouping", row)
    return breakdown.other if group is None else breakdown.named(group, formats)


def _opening(breakdown: Breakdown, segments_of: dt.date, formats: Formats) -> str:
    if breakdown.name == "segments":
        return f"By customers' segment on {formats.day(segments_of)}"
    return {
        "kinds": "By new and returning customers",
        "cohorts": "By when customers first bought",
        "channels": "By channel",
        "places": "By region of sale",
        "regions": "By customers' region",
        "countries": "By customers' country",
    }[breakdown.name]
