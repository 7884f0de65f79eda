"""Customers' histories as arrays, looked over before any model sees them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from patron.predict.refusals import HistoryError, NotIdentifiableError

Floats = npt.NDArray[np.float64]

ONE_UNIT = "frequency counts repeat purchases; recency and age run from the first purchase, in one unit of time"
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
    columns = {"frequency": _column("frequency", frequency), "recency": _column("recency", recency)}
    columns["age"] = _column("age", age)
    if weights is not None:
        columns["weights"] = _column("weights", weights)
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        said = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise HistoryError(f"The arrays differ in length: {said}.", do="give one entry a customer in each")
    if not lengths["frequency"]:
        raise HistoryError("There are no customers.", do="give at least two customers with a repeat purchase")
    look_over(columns["frequency"], columns["recency"], columns["age"])
    if weights is not None:
        refuse(columns["weights"] <= 0, "weights", columns["weights"], "is not above 0")
    return Histories(**columns)


def look_over(frequency: Floats, recency: Floats, age: Floats) -> None:
    """Refuse what no customer can have done. Raises HistoryError."""
    for name, column in (("frequency", frequency), ("recency", recency), ("age", age)):
        # One pass: a NaN makes the minimum NaN, and an infinity the maximum.
        if column.size and not (column.min() >= 0 and column.max() < np.inf):
            refuse(~np.isfinite(column), name, column, "is not a number")
            refuse(column < 0, name, column, "is below 0")
    refuse(recency > age * (1 + _ROUNDING) + 1e-300, "recency", recency, "is above the customer's age")
    refuse((frequency == 0) & (recency > 0), "recency", recency, "is above 0 without a repeat purchase")


def refuse(wrong: npt.NDArray[np.bool_], name: str, column: Floats, what: str) -> None:
    """Raise HistoryError for the first row that is wrong, if any is."""
    if not wrong.any():
        return
    places = np.flatnonzero(np.broadcast_to(wrong, np.broadcast_shapes(wrong.shape, column.shape)))
    value = np.broadcast_to(column, np.broadcast_shapes(wrong.shape, column.shape)).ravel()[places[0]]
    where = f"{name}, entry {places[0]} (and {len(places) - 1:,} more)"
    raise HistoryError(f"{name} {value:g} {what}.", where=where, do=ONE_UNIT)


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


def _column(name: str, values: Any) -> Floats:
    try:
        column = np.ascontiguousarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise HistoryError(f"{name} is not an array of numbers: {error}.", where=name, do=ONE_UNIT) from error
    if column.ndim != 1:
        raise HistoryError(f"{name} has {column.ndim} dimensions, not one.", where=name, do=ONE_UNIT)
    return column
