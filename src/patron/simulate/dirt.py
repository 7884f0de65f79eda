"""Realistic errors in written lines, with a count of each kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from patron.simulate.streams import Subject, stream

Outcome = Literal["quarantined", "duplicate", "kept"]


@dataclass(frozen=True)
class Trouble:
    """One kind of error: the new value of a column, and how a good reader handles the line."""

    name: str
    outcome: Outcome
    column: str
    spoil: Callable[[Any], Any]


def _replace_with(before: str, after: str) -> Callable[[Any], Any]:
    return lambda column: pc.binary_join_element_wise(before, column, after, "")


def _set_to(text: str) -> Callable[[Any], Any]:
    return lambda column: pa.chunked_array([pa.repeat(pa.scalar(text), len(column))])


TROUBLES = (
    Trouble("blank_order", "quarantined", "order_id", _set_to("")),
    Trouble("blank_date", "quarantined", "ordered_at", _set_to("")),
    Trouble("impossible_date", "quarantined", "ordered_at", _set_to("2011-02-30 10:15:00")),
    Trouble("letters_in_quantity", "quarantined", "quantity", _replace_with("", "x")),
    Trouble("currency_sign", "quarantined", "unit_price", _replace_with("£", "")),
    Trouble("blank_price", "quarantined", "unit_price", _set_to("")),
    Trouble("padded_name", "kept", "product_name", _replace_with(" ", "  ")),
    Trouble("exact_duplicate", "duplicate", "order_id", lambda column: column),
)


class Dirt:
    """Spoils a share of the lines it is shown, at most one trouble a line, and counts what it did.

    Chance is drawn line after line, so the dirt does not depend on how the lines are cut into tables.
    """

    def __init__(self, rate: float, seed: int) -> None:
        self.counts: Counter[str] = Counter({trouble.name: 0 for trouble in TROUBLES})
        self._rate, self._rng = rate, stream(seed, Subject.DIRT)

    def outcomes(self) -> dict[str, int]:
        """Count the lines a good reader quarantines, finds twice, and keeps."""
        totals: Counter[str] = Counter({"quarantined": 0, "duplicate": 0, "kept": 0})
        for trouble in TROUBLES:
            totals[trouble.outcome] += self.counts[trouble.name]
        return dict(totals)

    def spread(self, lines: Any) -> Any:
        """Return a pyarrow Table of text columns with trouble in it; duplicates follow their original."""
        if not self._rate:
            return lines
        chance = self._rng.random(lines.num_rows) / self._rate * len(TROUBLES)
        for place, trouble in enumerate(TROUBLES):
            hit = (chance >= place) & (chance < place + 1)
            self.counts[trouble.name] += int(np.count_nonzero(hit))
            lines = _spoil(lines, trouble, hit)
        return lines


def _spoil(lines: Any, trouble: Trouble, hit: Any) -> Any:
    if trouble.outcome == "duplicate":
        return lines.take(np.repeat(np.arange(len(hit)), 1 + hit))
    column = lines.column(trouble.column)
    place = lines.column_names.index(trouble.column)
    return lines.set_column(place, trouble.column, pc.if_else(pa.array(hit), trouble.spoil(column), column))
