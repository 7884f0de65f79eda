"""Sentences about groups: which customers, cohorts, segments, channels and places brought the change of sales."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from patron.serve.periods import Period
from patron.serve.report.queries.chance import FEW
from patron.serve.report.queries.change import Change, Part, capitalised, direction, joined
from patron.serve.report.queries.contributions import (
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
from patron.serve.report.queries.figures import Asked
from patron.serve.report.queries.segments import last_observed
from patron.serve.report.sections.number_text import signed

if TYPE_CHECKING:
    import datetime as dt

    import duckdb

    from patron.project.number_format import Formats
    from patron.serve.report.queries.spans import Comparison, DataDays

LEAST_SHARE = 0.02
"""A group is told of whose difference is at least this share of all sales before."""

_MOST_TOLD = 3


@dataclass(frozen=True)
class Moved:
    """A breakdown with two groups or more, and what each of them brought. segments_of: the day of its segments."""

    breakdown: Breakdown
    asked: Asked
    segments_of: dt.date

    @property
    def title(self) -> str:
        return self.breakdown.title

    def note(self, formats: Formats) -> str:
        """What a reader must know of the groups."""
        if self.breakdown.name != "segments":
            return ""
        day = formats.day(self.segments_of)
        return f"The segments are those of {day}. They are made of orders: who bought much lately stands high in them."


def moved_groups(connection: duckdb.DuckDBPyConnection, comparison: Comparison, data: DataDays) -> list[Moved]:
    """Each breakdown that the shop's data tell apart; empty where nothing is compared.

    Segments are those of the last day observed until the earlier stretch began, for later ones depend on what came in
    the period itself; where none was observed, those of as_of.
    """
    if comparison.before is None:
        return []
    observed = last_observed(connection, comparison.before.first)
    found = []
    for breakdown in (KINDS, COHORTS, segments(observed), CHANNELS, PLACES, REGIONS, COUNTRIES):
        if not breakdown.is_known(connection):
            continue
        asked = contributions(connection, comparison, breakdown)
        is_known = any(asked.value("grouping", row) is not None for row in range(len(asked.rows)))
        if len(asked.rows) >= 2 and is_known:
            found.append(Moved(breakdown, asked, observed or data.as_of))
    return found


def of_groups(moved: list[Moved], comparison: Comparison, formats: Formats) -> list[Change]:
    """One sentence a breakdown in which a group brought LEAST_SHARE more or less, of all sales before."""
    changes = (_of_group(one, comparison, formats) for one in moved)
    return [change for change in changes if change is not None]


def _of_group(moved: Moved, comparison: Comparison, formats: Formats) -> Change | None:
    asked, breakdown = moved.asked, moved.breakdown
    before = asked.value("all_before")
    if not before or before <= 0:
        return None
    told = _told(asked, breakdown, comparison)
    if not told:
        return None
    rows = range(len(asked.rows))
    figures = [asked.figure("more", formats.money, row) for row in told]
    names = {row: name_of(asked, row, breakdown, formats) for row in rows}
    said = [
        f"{names[row]} {figure} {'more' if asked.value('difference', row) > 0 else 'less'}"
        for row, figure in zip(told, figures, strict=True)
    ]
    sentence = f"{_opening(moved, formats)}, in sales before refunds: {joined(said)}."
    parts = tuple(Part(capitalised(names[row]), asked.figure("difference", signed(formats), row)) for row in rows)
    went = direction(asked.value("all_now"), before)
    return Change(breakdown.name, sentence, went, asked, tuple(figures), parts)


def _told(asked: Asked, breakdown: Breakdown, comparison: Comparison) -> list[int]:
    """The rows of the groups that moved most, in the answer's order."""
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
    """Whether it is a cohort that was still growing in the earlier stretch: it could only bring more."""
    first = Period.of("quarter", comparison.before.first).first if comparison.before else None
    return breakdown is COHORTS and first is not None and asked.value("grouping", row) >= first


def _is_told(asked: Asked, row: int, least: float) -> bool:
    is_enough = max(asked.value("order_count", row), asked.value("order_count_before", row)) >= FEW
    return is_enough and bool(asked.value("more", row) >= least)


def name_of(asked: Asked, row: int, breakdown: Breakdown, formats: Formats) -> str:
    """How a group is written."""
    group = asked.value("grouping", row)
    return breakdown.other if group is None else breakdown.named(group, formats)


def _opening(moved: Moved, formats: Formats) -> str:
    if moved.breakdown.name == "segments":
        return f"By customers' segment on {formats.day(moved.segments_of)}"
    return {
        "kinds": "By new and returning customers",
        "cohorts": "By when customers first bought",
        "channels": "By channel",
        "places": "By region of sale",
        "regions": "By customers' region",
        "countries": "By customers' country",
    }[moved.breakdown.name]
