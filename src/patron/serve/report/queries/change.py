"""One thing that changed: a sentence, the numbers in it, and the query over gold that gives them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from patron.serve.report.queries.figures import Asked, Figure

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
    """topic: what it is about, such as revenue. direction: of the number, whether that is good or not.

    figures: the numbers of the sentence, in its order. parts: where the change comes from, of one total.
    """

    topic: str
    sentence: str
    direction: Direction
    asked: Asked
    figures: tuple[Figure, ...]
    parts: tuple[Part, ...] = ()

    @property
    def sql(self) -> str:
        """The select over gold that gives every number of the sentence and of the parts."""
        return self.asked.sql


def find_direction(now: float | Decimal | None, before: float | Decimal | None) -> Direction:
    """Return the direction; level where the change is below LEAST_RATE of the earlier value, or unknown."""
    if now is None or before is None:
        return "level"
    change = float(now) - float(before)
    if abs(change) < LEAST_RATE * abs(float(before)) or not change:
        return "level"
    return "up" if change > 0 else "down"


def join_words(parts: list[str]) -> str:
    """Join as in: a, b and c."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def capitalize(text: str) -> str:
    """Return the text with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def name_earlier_days(comparison: Comparison, formats: Formats) -> str:
    """Return how a sentence names the earlier days."""
    return comparison.before.label(formats) if comparison.before else ""
