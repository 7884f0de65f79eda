"""A change: a sentence, the numbers in it, and the query over gold that returns them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from patron.serve.report.queries.figures import Figure, QueryResult

if TYPE_CHECKING:
    from patron.project.number_format import Formats
    from patron.serve.report.queries.spans import Comparison

Direction = Literal["up", "down", "level"]

LEAST_RATE = 0.02
"""A relative change below this is reported as no change."""


@dataclass(frozen=True)
class Part:
    """One part of a change; the parts of a Change add up to it."""

    name: str
    amount: Figure


@dataclass(frozen=True)
class Change:
    """A change described in one sentence.

    topic: its subject, such as revenue. direction: which way the number moved, whether that is good or bad.
    figures: the numbers of the sentence, in order. parts: the contributions that add up to the change.
    """

    topic: str
    sentence: str
    direction: Direction
    result: QueryResult
    figures: tuple[Figure, ...]
    parts: tuple[Part, ...] = ()

    @property
    def sql(self) -> str:
        """Return the select over gold that returns every number of the sentence and of the parts."""
        return self.result.sql


def find_direction(now: float | Decimal | None, before: float | Decimal | None) -> Direction:
    """Return the direction; level if the change is unknown or below LEAST_RATE of the earlier value."""
    if now is None or before is None:
        return "level"
    change = float(now) - float(before)
    if abs(change) < LEAST_RATE * abs(float(before)) or not change:
        return "level"
    return "up" if change > 0 else "down"


def join_words(parts: list[str]) -> str:
    """Join words into a list: a, b and c."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def capitalize(text: str) -> str:
    """Return the text with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def name_earlier_days(comparison: Comparison, formats: Formats) -> str:
    """Name the earlier days as in a sentence; empty if there are none."""
    return comparison.before.label(formats) if comparison.before else ""
