"""Checks customers' purchase histories, and holds them as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from patron.predict.errors import NotIdentifiableError
from patron.predict.models.likelihood.arrays import Floats, check_numbers, columns, refuse
from patron.predict.models.likelihood.chunks import map_pieces

ONE_UNIT = "frequency counts repeat purchases; recency and age run from the first purchase, in one unit of time"
_ROWS = 1 << 15
_ROUNDING = 1e-9
"""Recency may exceed age by this share: day counts that were divided by 7 in two ways."""


@dataclass(frozen=True)
class Histories:
    """One entry per customer, or per cell of customers with the same history: float64 arrays of shape (n,).

    frequency: repeat purchases x. recency: first to last purchase t_x. age: first purchase to now T.
    weights: customers in the cell.
    """

    frequency: Floats
    recency: Floats
    age: Floats
    weights: Floats | None = None

    @property
    def size(self) -> int:
        """Return the number of entries: of cells, not of customers."""
        return len(self.frequency)

    @property
    def customers(self) -> float:
        """Return the number of customers, the sum of the weights."""
        return float(self.size if self.weights is None else self.weights.sum())

    def select(self, rows: npt.NDArray[np.intp]) -> Histories:
        """Return some of the entries."""
        weights = None if self.weights is None else self.weights[rows]
        return Histories(self.frequency[rows], self.recency[rows], self.age[rows], weights)

    def total(self, values: Floats) -> float:
        """Sum a figure per customer, shape (n,), over all customers."""
        return float(values.sum() if self.weights is None else values @ self.weights)


def to_histories(frequency: Any, recency: Any, age: Any, weights: Any = None) -> Histories:
    """Check the arrays to fit on, and return them. Raises HistoryError, which names the first invalid entry."""
    seen = Histories(**columns({"frequency": frequency, "recency": recency, "age": age}, weights, ONE_UNIT))
    check_histories(seen.frequency, seen.recency, seen.age)
    return seen


def check_histories(frequency: Floats, recency: Floats, age: Floats) -> None:
    """Raise HistoryError for an impossible history."""
    if frequency.ndim == recency.ndim == age.ndim == 1 and len(frequency) == len(recency) == len(age):
        rows = map_pieces(lambda piece: _are_valid(frequency[piece], recency[piece], age[piece]), len(age), _ROWS)
        if all(rows):
            return
    for name, column in (("frequency", frequency), ("recency", recency), ("age", age)):
        check_numbers(name, column, ONE_UNIT)
    refuse(recency > age * (1 + _ROUNDING), "recency", recency, "is above the customer's age", ONE_UNIT)
    refuse((frequency == 0) & (recency > 0), "recency", recency, "is above 0 without a repeat purchase", ONE_UNIT)


def _are_valid(x: Floats, last: Floats, now: Floats) -> bool:
    """Return whether all histories are valid; NaN fails every comparison."""
    return bool(
        ((x >= 0) & (last >= 0) & (last <= now) & (now < np.inf) & (x < np.inf) & ((x > 0) | (last == 0))).all()
    )


def check_identifiable(seen: Histories) -> None:
    """Raise NotIdentifiableError if no method could find the parameters: no customer repeats, or all are the same."""
    if not (seen.frequency > 0).any():
        what = f"None of {seen.customers:,.0f} customers bought twice, so the repeat rate cannot be estimated."
        raise NotIdentifiableError(what, do="wait for repeat purchases, or pass customers with longer histories")
    if not (seen.age > 0).any():
        raise NotIdentifiableError("Every customer's age is 0: no time has passed.", do="use a later as_of")
    if all(np.ptp(column) == 0 for column in (seen.frequency, seen.recency, seen.age)):
        what = f"All {seen.customers:,.0f} customers have the same history, so how they differ cannot be estimated."
        raise NotIdentifiableError(what, do="pass customers with different histories, or more than one")
