"""Customers' histories as arrays, looked over before any model sees them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from patron.predict.errors import NotIdentifiableError
from patron.predict.models.likelihood.arrays import Floats, columns, look_at_numbers, refuse
from patron.predict.models.likelihood.chunks import each

ONE_UNIT = "frequency counts repeat purchases; recency and age run from the first purchase, in one unit of time"
_ROWS = 1 << 15
_ROUNDING = 1e-9
"""Recency may exceed age by this share: day counts that were divided by 7 in two ways."""


@dataclass(frozen=True)
class Histories:
    """One entry a customer, or a cell of equal customers. All float64, one dimension, of one length.

    frequency: repeat purchases x. recency: first to last purchase t_x. age: first purchase to now T.
    weights: customers in the cell.
    """

    frequency: Floats
    recency: Floats
    age: Floats
    weights: Floats | None = None

    @property
    def size(self) -> int:
        """Cells, not customers."""
        return len(self.frequency)

    @property
    def customers(self) -> float:
        """The sum of the weights."""
        return float(self.size if self.weights is None else self.weights.sum())

    def total(self, values: Floats) -> float:
        """The sum of a figure over all customers."""
        return float(values.sum() if self.weights is None else values @ self.weights)


def histories(frequency: Any, recency: Any, age: Any, weights: Any = None) -> Histories:
    """The arrays to fit on. Raises HistoryError, naming the first wrong row."""
    seen = Histories(**columns({"frequency": frequency, "recency": recency, "age": age}, weights, ONE_UNIT))
    look_over(seen.frequency, seen.recency, seen.age)
    return seen


def look_over(frequency: Floats, recency: Floats, age: Floats) -> None:
    """Refuse what no customer can have done. Raises HistoryError."""
    if frequency.ndim == recency.ndim == age.ndim == 1 and len(frequency) == len(recency) == len(age):
        rows = each(lambda piece: _all_well(frequency[piece], recency[piece], age[piece]), len(age), _ROWS)
        if all(rows):
            return
    for name, column in (("frequency", frequency), ("recency", recency), ("age", age)):
        look_at_numbers(name, column, ONE_UNIT)
    refuse(recency > age * (1 + _ROUNDING), "recency", recency, "is above the customer's age", ONE_UNIT)
    refuse((frequency == 0) & (recency > 0), "recency", recency, "is above 0 without a repeat purchase", ONE_UNIT)


def _all_well(x: Floats, last: Floats, now: Floats) -> bool:
    """Whether nothing is to be refused: NaN fails every comparison."""
    return bool(
        ((x >= 0) & (last >= 0) & (last <= now) & (now < np.inf) & (x < np.inf) & ((x > 0) | (last == 0))).all()
    )


def refuse_what_tells_nothing(seen: Histories) -> None:
    """Raise NotIdentifiableError where no method could find the parameters: nobody repeats, or all are the same."""
    if not (seen.frequency > 0).any():
        what = f"None of {seen.customers:,.0f} customers has bought twice, so nothing says how often they return."
        raise NotIdentifiableError(what, do="wait for repeat purchases, or give customers with longer histories")
    if not (seen.age > 0).any():
        raise NotIdentifiableError("Every customer's age is 0: no time has passed.", do="measure at a later day")
    if all(np.ptp(column) == 0 for column in (seen.frequency, seen.recency, seen.age)):
        what = f"All {seen.customers:,.0f} customers have the same history; how they differ cannot be told."
        raise NotIdentifiableError(what, do="give customers with different histories, or more than one")
